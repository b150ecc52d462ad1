using EdgeInference.Capture;
using EdgeInference.Frames;

namespace EdgeInference.Tests.Capture;

public sealed class FfmpegMessagesTests
{
    // As ffmpeg 5.1 wrote them.
    [Theory]
    [InlineData("[info]   Stream #0:0(eng): Video: wrapped_avframe, yuv420p(tv, smpte170m, progressive), 768x432, q=2-31, 200 kb/s, 12.50 fps", "yuv420p", ColorMatrix.Bt601, ColorRange.Limited)]
    [InlineData("[info]   Stream #0:0[0x1](eng): Video: h264 (Baseline) (avc1 / 0x31637661), yuv420p(tv, smpte170m, progressive), 768x432, 614 kb/s", "yuv420p", ColorMatrix.Bt601, ColorRange.Limited)]
    [InlineData("[info]   Stream #0:0: Video: mjpeg (Baseline) (MJPG / 0x47504A4D), yuvj422p(pc, bt470bg/unknown/unknown), 320x240 [SAR 1:1 DAR 4:3]", "yuvj422p", ColorMatrix.Bt601, ColorRange.Full)]
    [InlineData("[info]   Stream #0:0: Video: wrapped_avframe, yuvj420p(pc, bt709/unknown/unknown, progressive), 256x16 [SAR 1:1 DAR 16:1]", "yuvj420p", ColorMatrix.Bt709, ColorRange.Full)]
    [InlineData("[info]   Stream #0:0: Video: h264 (High 4:4:4 Predictive), yuv420p10le(pc, bt709, progressive), 256x16", "yuv420p10le", ColorMatrix.Bt709, ColorRange.Full)]
    [InlineData("[info]   Stream #0:0: Video: hevc (Main 10), yuv420p10le(tv, bt2020nc/bt2020/smpte2084, left), 3840x2160", "yuv420p10le", ColorMatrix.Bt709, ColorRange.Limited)]
    [InlineData("[info]   Stream #0:0: Video: vp9 (Profile 0), yuv420p(tv), 160x120, SAR 1:1 DAR 4:3, 10 fps", "yuv420p", null, ColorRange.Limited)]
    [InlineData("[info]   Stream #0:0: Video: rawvideo (YUY2 / 0x32595559), yuyv422, 640x480, 147456 kb/s, 30 fps", "yuyv422", null, ColorRange.Limited)]
    [InlineData("[info]   Stream #0:0: Video: png, rgb24(pc), 320x240 [SAR 1:1 DAR 4:3], 25 fps", "rgb24", null, ColorRange.Full)]
    public void TryParse_VideoStreamLine_TellsItsColours(string line, string format, ColorMatrix? matrix, ColorRange range) =>
        Assert.Equal(new StreamDeclaration(format, matrix, range), StreamDeclaration.TryParse(line));

    [Theory]
    [InlineData("[info]   Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 125 kb/s (default)")]
    [InlineData("[info]   Stream #0:0 -> #0:0 (h264 (native) -> wrapped_avframe (native))")]
    [InlineData("[info]       handler_name    : ?Mainconcept Video Media Handler")]
    [InlineData("")]
    public void TryParse_OtherLine_GivesNull(string line) => Assert.Null(StreamDeclaration.TryParse(line));

    [Theory]
    [InlineData("[error] file:x.mp4: Invalid data found when processing input", FfmpegLevel.Error, "file:x.mp4: Invalid data found when processing input")]
    [InlineData("[fatal] Stream map '0:V:0' matches no streams.", FfmpegLevel.Error, "Stream map '0:V:0' matches no streams.")]
    [InlineData("[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55d1c12baa00] [error] moov atom not found", FfmpegLevel.Error, "moov atom not found")]
    [InlineData("[swscaler @ 0x55] [swscaler @ 0x56] [warning] deprecated pixel format used", FfmpegLevel.Warning, "deprecated pixel format used")]
    [InlineData("[info]   Duration: N/A", FfmpegLevel.Info, "  Duration: N/A")]
    [InlineData("no level", FfmpegLevel.Info, "no level")]
    public void Parse_Line_GivesLevelAndText(string line, object level, string text) =>
        Assert.Equal(new FfmpegLine((FfmpegLevel)level, text), FfmpegLine.Parse(line));

    [Fact]
    public void Add_LinesOfADamagedVideo_CountsFramesNotLines()
    {
        FfmpegMessages messages = new();
        foreach (string line in (string[])[
            "[h264 @ 0x55a625bdeb40] [error] out of range intra chroma pred mode",
            "[h264 @ 0x55a625bdeb40] [error] error while decoding MB 10 2",
            "[h264 @ 0x55a625bdeb40] [info] concealing 1239 DC, 1239 AC, 1239 MV errors in P frame",
            "[warning] file:bad.mkv: corrupt decoded frame in stream 0",
            "[h264 @ 0x55cca64b1640] [error] Error splitting the input into NAL units.",
            "[error] Error while decoding stream #0:0: Invalid data found when processing input"])
        {
            messages.Add(line);
        }

        Assert.Equal(2, messages.CorruptFrames);
        Assert.Equal(5, messages.Problems.Count);
    }

    [Fact]
    public void Add_ManyProblems_KeepsTheLastWithoutCredentials()
    {
        FfmpegMessages messages = new();
        for (int i = 0; i < 1000; i++)
            messages.Add($"[error] cannot open http://u:p{i}@cam/{i}");

        Assert.Equal(32, messages.Problems.Count);
        Assert.Equal("cannot open http://***@cam/999", messages.Problems[^1].Text);
    }

    [Fact]
    public void WaitForOutput_InputAndOutputDescribed_GivesTheOutput()
    {
        FfmpegMessages messages = new();
        messages.Add("[info]   Stream #0:0: Video: mjpeg (Baseline), yuvj422p(pc, bt470bg/unknown/unknown), 320x240");
        messages.Add("[info] Output #0, yuv4mpegpipe, to 'pipe:1':");
        messages.Add("[info]   Stream #0:0: Video: wrapped_avframe, yuv420p(tv, bt709, progressive), 320x240");

        Assert.Equal(new StreamDeclaration("yuv420p", ColorMatrix.Bt709, ColorRange.Limited), messages.WaitForOutput(TimeSpan.Zero));
    }

    [Fact]
    public void WaitForOutput_EndedWithoutOutput_GivesNullAtOnce()
    {
        FfmpegMessages messages = new();
        messages.Complete();
        Assert.Null(messages.WaitForOutput(Timeout.InfiniteTimeSpan));
    }

    [Theory]
    [InlineData(1, "[error] Unrecognized option 'fps_mode'.", "this ffmpeg is too old: 5.1 or newer is needed")]
    [InlineData(1, "[error] pipe:0: Connection refused", "the connection was refused")]
    [InlineData(1, "[warning] HTTP error 401 Unauthorized", "the server refuses the user name or password (401)")]
    [InlineData(1, "[mov @ 0x1] [error] moov atom not found", "the file is truncated, or not a video: its index (moov atom) is missing")]
    [InlineData(1, "[fatal] Stream map '0:V:0' matches no streams.", "it has no video stream")]
    [InlineData(1, "[error] something new", "ffmpeg ended with code 1: something new")]
    [InlineData(1, "[info] nothing", "ffmpeg ended with code 1")]
    [InlineData(0, "[info] nothing", "it has no picture that can be decoded")]
    [InlineData(255, "[info] Exiting normally, received signal 15.", "ffmpeg was asked to end, but not by this service")]
    [InlineData(137, "[error] pipe:0: Connection refused", "ffmpeg was ended by signal 9")]
    public void Explain_LastMessages_GivesTheReason(int exitCode, string line, string expected)
    {
        FfmpegMessages messages = new();
        messages.Add(line);
        Assert.Equal(expected, FfmpegFailure.Explain(exitCode, frames: 0, messages.Problems));
    }
}
