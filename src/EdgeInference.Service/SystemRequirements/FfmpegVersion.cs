using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.Capture;

namespace EdgeInference.Service.SystemRequirements;

/// <summary>The version of an ffmpeg.</summary>
internal static partial class FfmpegVersion
{
    // It answers in a fraction of a second; only one that hangs takes longer.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>What a program says its version is; null where it says none.</summary>
    public static async Task<Version?> AskAsync(string program, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        ProcessStartInfo start = ChildProgram.CreateStart(program, ["-version"]);
        try
        {
            using Process process = Process.Start(start)!;
            try
            {
                Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
                string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
                await errors;
                await process.WaitForExitAsync(deadline.Token);
                return TryParse(output);
            }
            finally
            {
                // After a read that was cancelled it may still run.
                process.Kill();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Win32Exception)
        {
            // It cannot be started: a run will say why.
            return null;
        }
    }

    /// <summary>Reads "ffmpeg version 5.1.9-0+deb12u1 …"; null for a build of no release, such as "ffmpeg version N-113007-g8d24a28d06".</summary>
    public static Version? TryParse(string output)
    {
        Match match = FirstLine().Match(output);
        return match.Success
            && int.TryParse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(match.Groups["minor"].ValueSpan, CultureInfo.InvariantCulture, out int minor)
                ? new Version(major, minor)
                : null;
    }

    [GeneratedRegex(@"\Affmpeg version n?(?<major>\d+)\.(?<minor>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FirstLine();
}
