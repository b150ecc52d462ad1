using System.Diagnostics;

namespace EdgeInference.Integration.Tests;

/// <summary>Makes and reads test files with the ffmpeg of the machine.</summary>
internal static class FfmpegTool
{
    public static Task MakeAsync(params string[] arguments) => RunAsync("ffmpeg", ["-nostdin", "-v", "error", "-y", .. arguments]);

    /// <summary>Codec, width and height of a picture or video.</summary>
    public static async Task<string> DescribeAsync(string path) => (await RunAsync(
        "ffprobe", ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", path])).Trim();

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 && (await errors).Length == 0, $"{program} {string.Join(' ', arguments)}: {await errors}");
        return output;
    }
}
