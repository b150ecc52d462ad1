namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>Tests that measure run by themselves, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measuring
{
    public const string Name = "measuring";
}
