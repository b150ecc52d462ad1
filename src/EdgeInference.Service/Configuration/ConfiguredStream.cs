using EdgeInference.Service.Options;

namespace EdgeInference.Service.Configuration;

/// <summary>A stream as it is configured. Equal when everything that is set for it is the same.</summary>
/// <param name="Options">Its options; it has a name.</param>
/// <param name="Settings">What was written for it, by key below the stream, such as Model:Path.</param>
internal sealed record ConfiguredStream(StreamOptions Options, IReadOnlyDictionary<string, string> Settings)
{
    // What a stream's model is, and what is made of its inputs and outputs; the rest of Model: is that of the stream around it, or how
    // fast any model is run, where times of the old and the new one would say nothing.
    private static readonly string[] ModelKeys = ["Model:", "Preprocessing:", "LabelMap", "Classification:", "Detection:"];
    private static readonly string[] StreamKeys =
    [
        "Model:Engine", "Model:Device", "Model:PerformanceHint", "Model:Requests",
        "Model:CompileTimeout", "Model:RequestTimeout", "Model:MemoryBudget", "Model:Watch", "Model:SwapTimeFactor",
    ];

    public string Name => Options.Name!;

    /// <summary>Whether it has the samples' topics: the first one has.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Whether PARAM_ variables describe it: then its pictures are named as the samples named them.</summary>
    public bool IsParamStream { get; init; }

    /// <summary>The library that PARAM_CPU_EXTENSION_PATH names for it, to be ignored where it is of no use; null for none.</summary>
    public string? ParamCpuExtension { get; init; }

    public bool Equals(ConfiguredStream? other) =>
        other is not null
        && (Name, IsFirst, IsParamStream, ParamCpuExtension) == (other.Name, other.IsFirst, other.IsParamStream, other.ParamCpuExtension)
        && ChangedKeys(other).Count == 0;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The keys that are set otherwise, or only in one of the two.</summary>
    public IReadOnlyList<string> ChangedKeys(ConfiguredStream other) => ServiceConfiguration.ChangedKeys(Settings, other.Settings);

    /// <summary>Whether the two differ in what a running stream can be given, and in nothing else.</summary>
    public bool DiffersInModelOnly(ConfiguredStream other) =>
        (Name, IsFirst, IsParamStream, ParamCpuExtension) == (other.Name, other.IsFirst, other.IsParamStream, other.ParamCpuExtension)
        && ChangedKeys(other) is { Count: > 0 } changed
        && changed.All(static key =>
            ModelKeys.Any(model => key.StartsWith(model, StringComparison.OrdinalIgnoreCase)) && !StreamKeys.Contains(key, StringComparer.OrdinalIgnoreCase));

    /// <summary>What differs, for people; no values, which may be secret.</summary>
    public string DescribeChanges(ConfiguredStream other) => (ChangedKeys(other), IsFirst == other.IsFirst) switch
    {
        ([], true) => "nothing of it has changed",
        ([], false) => "its place in the list",
        (var keys, _) => string.Join(", ", keys),
    };
}
