using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.TestSupport;

namespace EdgeInference.Tests.Capture;

/// <summary>What comes out of files.</summary>
public sealed class FfmpegSourceTests : CaptureTest
{
    [Theory]
    [InlineData("h264.mp4", "321x241", "-c:v libx264 -pix_fmt yuv444p")]
    [InlineData("vp9.webm", "160x120", "-c:v libvpx-vp9 -deadline realtime -pix_fmt yuv420p")]
    [InlineData("mpeg4.avi", "176x144", "-c:v mpeg4")]
    [InlineData("hevc.mkv", "160x120", "-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p")]
    [InlineData("-begins with a dash: 100%.mp4", "64x64", "-c:v libx264 -pix_fmt yuv420p")]
    [InlineData("concat:it's.mkv", "33x35", "-c:v ffv1 -pix_fmt yuv420p")]
    public async Task ReadAsync_VideoFile_GivesEveryFrameAsFfmpegDecodesIt(string name, string size, string encoding)
    {
        string path = FilePath(name);
        await Ffmpeg.MakeVideoAsync(path, frames: 13, size, encoding);

        await using IVideoSource source = Open(path);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.Equal(13, frames.Count);
        Assert.Equal(await Ffmpeg.DecodeAsync(path), frames.SelectMany(frame => frame));
        Assert.Equal(0, source.CorruptFrames);
        Assert.Equal(path, source.DisplayName);
        Assert.False(source.IsLive);
        Assert.Null(await source.ReadAsync(CancellationToken.None));
    }

    [DataTheory]
    [InlineData("car-detection.mp4", 377)]
    [InlineData("one-by-one-person-detection.mp4", 1394)]
    [InlineData("bottle-detection.mp4", 1189)]
    public async Task ReadAsync_RealVideo_GivesAllItsFrames(string name, int expected)
    {
        await using IVideoSource source = Open(TestData.Path("videos/" + name));
        int frames = 0;
        while (await source.ReadAsync(CancellationToken.None) is { } frame)
        {
            frame.Dispose();
            frames++;
        }

        Assert.Equal(expected, frames);
        Assert.Equal(1, Pool.Created);
    }

    // A ramp over all 256 levels, stored as it is: whatever the range, its ends show whether ffmpeg has rescaled it.
    [Theory]
    [InlineData("yuv420p", "tv", "bt709", ColorRange.Limited, ColorMatrix.Bt709)]
    [InlineData("yuv420p", "tv", "smpte170m", ColorRange.Limited, ColorMatrix.Bt601)]
    [InlineData("yuv420p", "pc", "bt709", ColorRange.Full, ColorMatrix.Bt709)]
    [InlineData("yuv422p", "pc", "bt470bg", ColorRange.Full, ColorMatrix.Bt601)]
    [InlineData("yuv444p", "tv", "bt709", ColorRange.Limited, ColorMatrix.Bt709)]
    [InlineData("yuv420p10le", "pc", "bt709", ColorRange.Limited, ColorMatrix.Bt709)]
    [InlineData("gray", "pc", "unknown", ColorRange.Full, ColorMatrix.Bt601)]
    public async Task ReadAsync_AnyRange_FrameTellsTheRangeOfItsPixels(
        string format, string range, string matrix, ColorRange expectedRange, ColorMatrix expectedMatrix)
    {
        (int low, int high) = range is "pc" ? (0, 255) : (16, 235);
        int scale = format.EndsWith("10le", StringComparison.Ordinal) ? 4 : 1;
        string path = FilePath("ramp.mkv");
        await Ffmpeg.RunAsync(
            $"-f lavfi -i nullsrc=s=256x16:r=5,format={format},geq=lum='clip(X\\,{low}\\,{high})*{scale}':cb=128*{scale}:cr=128*{scale} "
            + $"-frames:v 2 -c:v libx264 -qp 0 -color_range {range} -colorspace {matrix}",
            path);

        await using IVideoSource source = Open(path);
        using Frame? frame = await source.ReadAsync(CancellationToken.None);

        Assert.NotNull(frame);
        Assert.Equal(expectedRange, frame.Range);
        Assert.Equal(expectedMatrix, frame.Matrix);
        byte[] row = frame.Y[..256].ToArray();
        Assert.Equal(expectedRange == ColorRange.Full ? 0 : 16, row[0]);
        Assert.Equal(expectedRange == ColorRange.Full ? 255 : 235, row[255]);
    }

    [Theory]
    [InlineData(SourceColorMatrix.Auto, ColorMatrix.Bt601)]
    [InlineData(SourceColorMatrix.Bt601, ColorMatrix.Bt601)]
    [InlineData(SourceColorMatrix.Bt709, ColorMatrix.Bt709)]
    public async Task ReadAsync_NoMatrixDeclared_FollowsTheOption(SourceColorMatrix option, ColorMatrix expected)
    {
        string path = FilePath("plain.mkv");
        await Ffmpeg.MakeVideoAsync(path, frames: 1, encoding: "-c:v ffv1 -pix_fmt yuv420p");

        await using IVideoSource source = Open(new SourceOptions { Input = path, ColorMatrix = option });
        using Frame? frame = await source.ReadAsync(CancellationToken.None);

        Assert.Equal(expected, frame!.Matrix);
    }

    [Fact]
    public async Task ReadAsync_RotatedVideo_IsUpright()
    {
        string flat = FilePath("flat.mp4");
        string path = FilePath("rotated.mp4");
        await Ffmpeg.MakeVideoAsync(flat, frames: 2, "160x120", "-c:v libx264 -pix_fmt yuv420p");
        await Ffmpeg.RunAsync("-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90", path);

        await using IVideoSource source = Open(path);
        using Frame? frame = await source.ReadAsync(CancellationToken.None);

        Assert.Equal((120, 160), (frame!.Width, frame.Height));
    }

    [Fact]
    public async Task ReadAsync_SizeChangesWithinTheStream_KeepsTheFirst()
    {
        string path = FilePath("changing.ts");
        await Ffmpeg.MakeVideoAsync(FilePath("a.ts"), frames: 5, "160x120", "-c:v libx264 -pix_fmt yuv420p");
        await Ffmpeg.MakeVideoAsync(FilePath("b.ts"), frames: 5, "320x240", "-c:v libx264 -pix_fmt yuv420p");
        await File.WriteAllBytesAsync(
            path, [.. await File.ReadAllBytesAsync(FilePath("a.ts")), .. await File.ReadAllBytesAsync(FilePath("b.ts"))]);

        await using IVideoSource source = Open(path);
        List<byte[]> frames = await ReadToEndAsync(source);

        Assert.Equal(10, frames.Count);
        Assert.All(frames, frame => Assert.Equal(Frame.SizeOf(160, 120), frame.Length));
    }

    [Fact]
    public async Task ReadAsync_Loop_BeginsAgainWithoutLosingFrames()
    {
        string path = FilePath("loop.mp4");
        await Ffmpeg.MakeVideoAsync(path, frames: 7, encoding: "-c:v libx264 -pix_fmt yuv420p");

        await using IVideoSource source = Open(new SourceOptions { Input = path, Loop = true });
        List<byte[]> frames = [];
        for (int i = 1; i <= 21; i++)
        {
            using Frame? frame = await source.ReadAsync(CancellationToken.None);
            Assert.Equal(i, frame!.Index);
            frames.Add(frame.Data.ToArray());
        }

        Assert.Equal(frames[..7], frames[7..14]);
        Assert.Equal(frames[..7], frames[14..]);
    }

    [Fact]
    public async Task ReadAsync_SteadyState_AllocatesNothing()
    {
        string path = FilePath("loop.mp4");
        await Ffmpeg.MakeVideoAsync(path, frames: 20, encoding: "-c:v libx264 -pix_fmt yuv420p");
        using CancellationTokenSource stop = new();
        await using IVideoSource source = Open(new SourceOptions { Input = path, Loop = true });

        // Away from the test's synchronisation context every continuation runs on the reading thread, so that what
        // this thread allocates is all that a frame costs. A wait that is longer than usual may cost an object now and
        // then: what a frame costs shows in the best of several batches.
        long least = await Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
                (await source.ReadAsync(stop.Token).ConfigureAwait(false))!.Dispose();
            long least = long.MaxValue;
            for (int batch = 0; batch < 10 && least > 0; batch++)
            {
                long start = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++)
                    (await source.ReadAsync(stop.Token).ConfigureAwait(false))!.Dispose();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - start);
            }

            return least;
        });

        Assert.Equal(0, least);
    }
}
