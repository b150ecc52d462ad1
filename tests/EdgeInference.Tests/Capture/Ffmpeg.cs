using System.Diagnostics;

namespace EdgeInference.Tests.Capture;

/// <summary>Makes test videos, and decodes them in ffmpeg's own way for comparison.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs ffmpeg with arguments parted by spaces, then those in <paramref name="more"/> as they are; gives its output.</summary>
    public static async Task<byte[]> RunAsync(string arguments, params string[] more)
    {
        string[] all = ["-nostdin", "-v", "error", "-y", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. more];
        using Process process = Process.Start(
            new ProcessStartInfo("ffmpeg", all) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output.ToArray()
            : throw new InvalidOperationException($"ffmpeg {string.Join(' ', all)}: {await errors}");
    }

    public static Task<byte[]> MakeVideoAsync(string path, int frames, string size = "160x120", string encoding = "") =>
        RunAsync($"-f lavfi -i testsrc2=s={size}:r=10 -frames:v {frames} {encoding}", "file:" + path);

    /// <summary>Every picture as I420, one after another.</summary>
    public static Task<byte[]> DecodeAsync(string path) =>
        RunAsync("", "-i", "file:" + path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "pipe:1");
}
