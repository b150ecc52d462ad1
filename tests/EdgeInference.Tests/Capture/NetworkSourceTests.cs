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

    /// <summary>As a camera does that is set anew while it goes on sending.</summary>
    [Fact]
    public async Task ReadAsync_SizeChangesWithinTheConnection_GoesOnWithWholePicturesOfTheFirstSize()
    {
        const int Each = 10;
        const string Encoding = "-vf scale={0} -c:v libx264 -crf 12 -bf 0 -pix_fmt yuv420p -f mpegts";
        byte[] video = [];
        foreach (string size in (string[])["160:120", "320:180"])
        {
            string path = FilePath("part.ts");
            await Ffmpeg.MakeVideoAsync(path, Each, encoding: Encoding.Replace("{0}", size, StringComparison.Ordinal));
            video = [.. video, .. await File.ReadAllBytesAsync(path)];
        }

        await using HttpVideoServer server = HttpVideoServer.Start(video, "user:" + Secret);
        await using IVideoSource source = Open(new SourceOptions { Input = $"http://user:{Secret}@{server.HostAndPort}/live.ts" });
        List<byte[]> frames = [];
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
            {
                Assert.Equal((160, 120), (frame.Width, frame.Height));
                frames.Add(frame.Data.ToArray());
            }
        }

        Assert.InRange(frames.Count, (2 * Each) - 1, 2 * Each);
        for (int i = 0; i < Each - 1; i++)
        {
            double difference = frames[i].Zip(frames[^(Each - i)]).Average(static pair => Math.Abs(pair.First - pair.Second));
            Assert.True(difference < 6, $"frame {i} differs by {difference:0.0} from the same picture of the other size");
        }
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
