using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.SystemRequirements;

/// <summary>What the system lacks.</summary>
/// <param name="Faults">Without these no stream can run.</param>
/// <param name="Warnings">Without these something is less convenient.</param>
/// <param name="CanReadConfiguration">Whether going on is possible, to find out what else is wrong.</param>
internal sealed record SystemFindings(IReadOnlyList<ConfigurationFault> Faults, IReadOnlyList<string> Warnings, bool CanReadConfiguration);

/// <summary>
/// Knows what the service takes from the system, and how it is installed. Every stream needs ffmpeg, whatever its source.
/// OpenSSL does the platform's hashing as well as TLS: without it the process is aborted at the first hash, which is made
/// for the cache of models, so it is needed whatever is configured.
/// </summary>
internal static class SystemCheck
{
    private const string Ffmpeg = "ffmpeg";
    private const string Ffprobe = "ffprobe";

    /// <summary>The first with -fps_mode.</summary>
    private static readonly Version OldestFfmpeg = new(5, 1);

    // The platform takes 1.1 where there is no 3.
    private static readonly string[] OpenSsl = ["libssl.so.3", "libssl.so.1.1"];

    /// <summary>What is needed and not there; takes no time to speak of.</summary>
    public static SystemFindings FindMissing(SystemProbe probe)
    {
        List<ConfigurationFault> faults = [];
        if (probe.FindProgram(Ffmpeg) is null)
            faults.Add(new ConfigurationFault(Ffmpeg, $"the program is not on the PATH, and decodes every source; install it: {probe.InstallCommand(Ffmpeg)}"));
        bool hasOpenSsl = probe.HasLibrary(OpenSsl);
        if (!hasOpenSsl)
            faults.Add(new ConfigurationFault("OpenSSL 3", $"libssl.so.3 cannot be loaded, and is needed for hashes and TLS; install it: {probe.InstallCommand("openssl")}"));
        return new SystemFindings(faults, [], hasOpenSsl);
    }

    /// <summary>What is missing, too old or advisable.</summary>
    public static async Task<SystemFindings> InspectAsync(SystemProbe probe, CancellationToken cancellationToken)
    {
        SystemFindings missing = FindMissing(probe);
        if (probe.FindProgram(Ffmpeg) is not { } ffmpeg)
            return missing;
        List<ConfigurationFault> faults = [.. missing.Faults];
        if (await FfmpegVersion.AskAsync(ffmpeg, cancellationToken) is { } version && version < OldestFfmpeg)
            faults.Add(new ConfigurationFault(Ffmpeg, $"{ffmpeg} is version {version}, which is too old: {OldestFfmpeg} or newer is needed (Debian 12, Ubuntu 24.04); it may also lie beside edge-inference"));
        string[] warnings = probe.FindProgram(Ffprobe) is null
            ? [$"{Ffprobe}: the program is not on the PATH; without it, runs with --format json show no progress of a file; install it: {probe.InstallCommand(Ffmpeg)}"]
            : [];
        return missing with { Faults = faults, Warnings = warnings };
    }
}
