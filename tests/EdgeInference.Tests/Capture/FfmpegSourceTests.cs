using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Capture;

public sealed class FfmpegSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FramePool _pool = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("h264.mp4", "321x241", "-c:v libx264 -pix_fmt yuv444p")]
    [InlineData("vp9.webm", "160x120", "-c:v libvpx-vp9 -deadline realtime -pix_fmt yuv420p")]
    [InlineData("mpeg4.avi", "176x144", "-c:v mpeg4")]
    [InlineData("hevc.mkv", "160x120", "-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p")]
    [InlineData("-begins with a dash: 100%.mp4", "64x64", "-c:v libx264 -pix_fmt yuv420p")]
    [InlineData("concat:it's.mkv", "64x64", "-c:v ffv1 -pix_fmt yuv420p")]
    public async Task ReadAsync_VideoFile_GivesEveryFrameAsFfmpegDecodesIt(string name, string size, string encoding)
    {
        string path = _folder.File(name);
        await Ffmpeg.MakeVideoAsync(path, frames: 13, size, encoding);
        byte[] expected = await Ffmpeg.RunAsync("-i", "file:" + path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "pipe:1");

        await using IVideoSource source = Open(path);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.Equal(13, frames.Count);
        Assert.Equal(expected, frames.SelectMany(frame => frame));
    }

    [DataFact]
    public async Task ReadAsync_RealVideo_GivesAllItsFrames()
    {
        await using IVideoSource source = Open(TestData.Path("videos/car-detection.mp4"));
        Assert.Equal(377, (await ReadToEndAsync(source)).Count);
    }

    private IVideoSource Open(string input) =>
        new VideoSourceFactory(TimeProvider.System, NullLoggerFactory.Instance).Open(new SourceOptions { Input = input }, _pool);

    private static async Task<List<byte[]>> ReadToEndAsync(IVideoSource source)
    {
        List<byte[]> frames = [];
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            using (frame)
            {
                frames.Add(frame.Data.ToArray());
                Assert.Equal(frames.Count, frame.Index);
            }
        }

        return frames;
    }
}
