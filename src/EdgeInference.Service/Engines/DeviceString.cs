namespace EdgeInference.Service.Engines;

/// <summary>
/// An OpenVINO device string: a device (CPU, GPU.1), or a way to use several of a list (HETERO:GPU,CPU, MULTI:GPU(4),CPU,
/// AUTO:-GPU, or AUTO for all there are).
/// </summary>
/// <param name="Mode">HETERO, MULTI, AUTO or BATCH; null for a device.</param>
/// <param name="Entries">The devices as written.</param>
internal sealed record DeviceString(string? Mode, IReadOnlyList<string> Entries)
{
    /// <summary>Whether the CPU may run the model, alone or beside others.</summary>
    public bool AllowsCpu => Entries.Any(static entry => DeviceOf(entry) == "CPU")
        || (Mode == "AUTO" && Entries.All(static entry => DeviceOf(entry) is null && entry != "-CPU"));

    /// <summary>Whether nothing but the CPU can run the model.</summary>
    /// <param name="available">The devices there are, asked for where the string names none.</param>
    public bool IsCpuOnly(Lazy<IReadOnlyList<string>> available)
    {
        string[] named = [.. Entries.Select(DeviceOf).OfType<string>()];
        IEnumerable<string> reached = named.Length > 0 ? named : available.Value.Where(device => !Entries.Contains("-" + device));
        return reached.All(static device => device == "CPU" || device.StartsWith("CPU.", StringComparison.Ordinal));
    }

    /// <summary>Upper and lower case are the same.</summary>
    public static DeviceString Parse(string text)
    {
        string[] parts = text.ToUpperInvariant().Split(':', 2, StringSplitOptions.TrimEntries);
        return parts is [var only] && only != "AUTO"
            ? new DeviceString(null, [only])
            : new DeviceString(parts[0], parts is [_, var list] ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : []);
    }

    /// <summary>The device that an entry names; null for one that a list leaves out (-CPU).</summary>
    public static string? DeviceOf(string entry) => entry.StartsWith('-') ? null : entry.Split('(')[0];

    public override string ToString() => Mode is null ? Entries[0] : Entries.Count == 0 ? Mode : $"{Mode}:{string.Join(',', Entries)}";
}
