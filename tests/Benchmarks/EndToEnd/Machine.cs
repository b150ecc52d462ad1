using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    public static async Task WriteAsync(TextWriter writer)
    {
        string processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) ?? "processor: unknown";
        string load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        await writer.WriteLineAsync(
            $"{processor.Split(':')[1].Trim()}, {Environment.ProcessorCount} processors, load {load}; {RuntimeInformation.OSDescription}; "
            + $"{RuntimeInformation.FrameworkDescription}; {await FfmpegVersionAsync()}");
    }

    private static async Task<string> FfmpegVersionAsync()
    {
        using Process ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", "-version") { UseShellExecute = false, RedirectStandardOutput = true })!;
        string[] words = (await ffmpeg.StandardOutput.ReadToEndAsync()).Split(' ');
        await ffmpeg.WaitForExitAsync();
        return string.Join(' ', words.Take(3));
    }
}
