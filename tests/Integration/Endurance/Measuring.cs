namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>Tests that measure run by themselves, after the others. Each has the category too: ./dev test runs them when nothing else is left.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measuring
{
    public const string Name = "measuring";
}
