namespace EdgeInference.Service.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The setting, as its owner wrote it: a configuration key, a PARAM_ variable or a flag.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
internal readonly record struct ConfigurationFault(string Key, string Message)
{
    public override string ToString() => $"{Key}: {Message}";
}

/// <summary>The configuration is wrong; all its faults at once.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
