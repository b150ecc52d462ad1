using EdgeInference.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Capture;

/// <summary>Sources that are not there, are no videos, or are damaged.</summary>
public sealed class FfmpegSourceFailureTests : CaptureTest
{
    [Fact]
    public async Task ReadAsync_NoSuchFile_SaysSo() =>
        Assert.Equal("/none/belt.mp4: the file does not exist.", await FailToOpenAsync(Open("/none/belt.mp4")));

    [Fact]
    public async Task ReadAsync_NoSuchCamera_SaysSo() =>
        Assert.Equal("/dev/video999: there is no such camera.", await FailToOpenAsync(Open("999")));

    [Fact]
    public async Task ReadAsync_EmptyFile_SaysSo()
    {
        string path = FilePath("empty.mp4");
        await File.WriteAllBytesAsync(path, []);
        Assert.Equal($"{path}: the file is empty.", await FailToOpenAsync(Open(path)));
    }

    [Theory]
    [InlineData("text.mp4")]
    [InlineData("text.avi")]
    public async Task ReadAsync_TextFile_SaysThatItIsNoVideo(string name)
    {
        string path = FilePath(name);
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("This is not a video.\n", 100)));
        Assert.Equal($"{path}: it is not a video.", await FailToOpenAsync(Open(path)));
    }

    [Fact]
    public async Task ReadAsync_RandomBytes_SaysThatItIsNoVideo()
    {
        string path = FilePath("random.bin");
        byte[] bytes = new byte[10_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes);
        Assert.StartsWith($"{path}: it is not a video", await FailToOpenAsync(Open(path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_SoundFile_SaysThatItHasNoVideo()
    {
        string path = FilePath("sound.wav");
        await Ffmpeg.RunAsync("-f lavfi -i sine=d=1", path);
        Assert.Equal($"{path}: it has no video stream.", await FailToOpenAsync(Open(path)));
    }

    [Fact]
    public async Task ReadAsync_FileWithoutItsIndex_SaysThatItIsTruncated()
    {
        string path = FilePath("truncated.mp4");
        await Ffmpeg.MakeVideoAsync(path, frames: 20, encoding: "-c:v libx264 -pix_fmt yuv420p");
        await TruncateAsync(path, part: 0.5);
        Assert.Contains("its index (moov atom) is missing", await FailToOpenAsync(Open(path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_PlaylistThatNamesTheNetwork_IsNotFollowed()
    {
        string path = FilePath("list.mp4");
        await File.WriteAllTextAsync(path, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n");
        Assert.StartsWith(path, await FailToOpenAsync(Open(path)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("faststart.mp4", "-c:v libx264 -movflags +faststart")]
    [InlineData("cut.mkv", "-c:v libx264")]
    [InlineData("cut.webm", "-c:v libvpx-vp9 -deadline realtime")]
    [InlineData("cut.avi", "-c:v mpeg4")]
    public async Task ReadAsync_FileCutInTheMiddle_GivesWhatIsThereThenEndsWithAWarning(string name, string encoding)
    {
        string path = FilePath(name);
        await Ffmpeg.MakeVideoAsync(path, frames: 60, encoding: encoding + " -g 10 -pix_fmt yuv420p");
        byte[] whole = await Ffmpeg.DecodeAsync(path);
        await TruncateAsync(path, part: 0.7);

        TextLoggers log = new();
        await using IVideoSource source = Open(new SourceOptions { Input = path }, loggers: log);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.InRange(frames.Count, 20, 59);
        Assert.Equal(whole.Take(frames[0].Length * 10), frames.Take(10).SelectMany(frame => frame));
        Assert.Contains("Warning: ", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_DamagedPictures_AreCounted()
    {
        string path = FilePath("damaged.avi");
        await Ffmpeg.MakeVideoAsync(path, frames: 60, encoding: "-c:v libx264 -g 10 -pix_fmt yuv420p");
        byte[] bytes = await File.ReadAllBytesAsync(path);
        Random random = new(1);
        for (int i = 0; i < 40; i++)
            bytes[random.Next(bytes.Length / 5, bytes.Length * 4 / 5)] ^= 0x5A;
        await File.WriteAllBytesAsync(path, bytes);

        await using IVideoSource source = Open(path);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.InRange(frames.Count, 30, 60);
        Assert.InRange(source.CorruptFrames, 1, 60);
    }

    [Fact]
    public async Task ReadAsync_ProgramNotInstalled_NamesThePackage()
    {
        string path = FilePath("belt.mkv");
        await Ffmpeg.MakeVideoAsync(path, frames: 1);
        FfmpegSource source = new(
            SourceAddress.Parse(path),
            new FfmpegCommand([]) { Program = "ffmpeg-is-not-here" },
            new SourceOptions { Input = path },
            Pool,
            TimeProvider.System,
            NullLogger.Instance);
        Assert.Contains("package ffmpeg", await FailToOpenAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ProgramThatWritesSomethingElse_SaysSo()
    {
        string path = FilePath("belt.mkv");
        await Ffmpeg.MakeVideoAsync(path, frames: 1);
        FfmpegSource source = new(
            SourceAddress.Parse(path),
            new FfmpegCommand(["hello"]) { Program = "echo" },
            new SourceOptions { Input = path },
            Pool,
            TimeProvider.System,
            NullLogger.Instance);
        Assert.Contains("YUV4MPEG2", await FailToOpenAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_VaapiWithoutDevice_SaysSo()
    {
        string path = FilePath("belt.mp4");
        await Ffmpeg.MakeVideoAsync(path, frames: 1, encoding: "-c:v libx264 -pix_fmt yuv420p");
        SourceOptions options = new() { Input = path, Decoder = VideoDecoder.Vaapi, VaapiDevice = "/dev/dri/none" };
        Assert.Equal($"{path}: the VAAPI device cannot be opened.", await FailToOpenAsync(Open(options)));
    }

    private static async Task TruncateAsync(string path, double part)
    {
        byte[] bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, bytes[..(int)(bytes.Length * part)]);
    }
}
