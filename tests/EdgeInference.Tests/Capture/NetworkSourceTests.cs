using EdgeInference.Capture;
using EdgeInference.Frames;

namespace EdgeInference.Tests.Capture;

/// <summary>Sources behind an address, and what becomes of the password in it.</summary>
public sealed class NetworkSourceTests : CaptureTest
{
    private const string Secret = "hunter2";
    private const int Frames = 30;

    [Fact]
    public async Task ReadAsync_HttpWithPassword_GivesEveryFrameAndHidesThePassword()
    {
        string path = await MakeVideoAsync();
        await using HttpVideoServer server = HttpVideoServer.Start(await File.ReadAllBytesAsync(path), "user:" + Secret);
        SourceOptions options = new() { Input = $"http://user:{Secret}@{server.HostAndPort}/belt.mp4?token={Secret}" };
        TextLoggers log = new();

        // As it would be for a service that is configured by environment variables.
        Environment.SetEnvironmentVariable("PARAM_INPUT_SOURCE", options.Input);
        await using FfmpegSource source = (FfmpegSource)Open(options, loggers: log);
        using Frame? first = await source.ReadAsync(CancellationToken.None);
        string folder = $"/proc/{source.ProcessId}";
        string visible = await File.ReadAllTextAsync(folder + "/cmdline") + await File.ReadAllTextAsync(folder + "/environ");
        Environment.SetEnvironmentVariable("PARAM_INPUT_SOURCE", null);

        List<byte[]> frames = [first!.Data.ToArray()];
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
                frames.Add(frame.Data.ToArray());
        }

        Assert.Equal(await Ffmpeg.DecodeAsync(path), frames.SelectMany(frame => frame));
        Assert.True(source.IsLive);
        Assert.Equal($"http://***@{server.HostAndPort}/belt.mp4?token=***", source.DisplayName);
        Assert.Contains("ffmpeg", visible, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, visible, StringComparison.Ordinal);
        Assert.Contains("160x120", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_HttpWithWrongPassword_SaysSoWithoutIt()
    {
        await using HttpVideoServer server = HttpVideoServer.Start([], "user:right");
        TextLoggers log = new();
        IVideoSource source = Open(
            new SourceOptions { Input = $"http://user:{Secret}@{server.HostAndPort}/belt.mp4" }, loggers: log);

        Assert.Equal(
            $"http://***@{server.HostAndPort}/belt.mp4: the server refuses the user name or password (401).",
            await FailToOpenAsync(source));
        Assert.Contains("Impossible to open", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://user:hunter2@127.0.0.1:1/live", "rtsp://***@127.0.0.1:1/live: the connection was refused.")]
    [InlineData("http://127.0.0.1:1/live", "http://127.0.0.1:1/live: the connection was refused.")]
    public async Task ReadAsync_NobodyListens_SaysThatTheConnectionWasRefused(string input, string expected) =>
        Assert.Equal(expected, await FailToOpenAsync(Open(input)));

    private async Task<string> MakeVideoAsync()
    {
        string path = FilePath("belt.mp4");
        await Ffmpeg.MakeVideoAsync(path, Frames, encoding: "-c:v libx264 -pix_fmt yuv420p");
        return path;
    }
}
