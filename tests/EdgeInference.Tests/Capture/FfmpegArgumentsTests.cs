using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class FfmpegArgumentsTests
{
    private const string Before = "-hide_banner -nostdin -nostats -loglevel repeat+level+info";
    private const string After = "-map 0:V:0 -vf format=yuv420p|yuvj420p -fps_mode passthrough -f yuv4mpegpipe pipe:1";

    [Fact]
    public void ForSource_File_IsReadAsFastAsPossible() => AssertArguments(
        new SourceOptions { Input = "-a:b.mp4" },
        $"{Before} -threads 1 -protocol_whitelist file -i file:-a:b.mp4 {After}");

    [Fact]
    public void ForSource_FileInRealTimeForEver_IsPacedAndLooped() => AssertArguments(
        new SourceOptions { Input = "b.mp4", Loop = true, RealTime = true, DecoderThreads = 0 },
        $"{Before} -threads 0 -stream_loop -1 -re -protocol_whitelist file -i file:b.mp4 {After}");

    [Fact]
    public void ForSource_Vaapi_DecodesOnTheDevice() => AssertArguments(
        new SourceOptions { Input = "b.mp4", Decoder = VideoDecoder.Vaapi },
        $"{Before} -hwaccel vaapi -hwaccel_device /dev/dri/renderD128 -protocol_whitelist file -i file:b.mp4 {After}");

    [Fact]
    public void ForSource_Camera_IsAskedForWhatIsSet() => AssertArguments(
        new SourceOptions { Input = "0", Format = "mjpeg", Size = "1280x720", Rate = 29.97 },
        $"{Before} -threads 1 -f v4l2 -input_format mjpeg -video_size 1280x720 -framerate 29.97 -i /dev/video0 {After}");

    [Fact]
    public void ForSource_CameraWithoutSettings_ChoosesItself() => AssertArguments(
        new SourceOptions { Input = "/dev/video2" }, $"{Before} -threads 1 -f v4l2 -i /dev/video2 {After}");

    [Theory]
    [InlineData(RtspTransport.Tcp, "tcp")]
    [InlineData(RtspTransport.Udp, "udp")]
    public void ForSource_Rtsp_AddressGoesIntoTheScript(RtspTransport transport, string name)
    {
        FfmpegCommand command = Build(new SourceOptions { Input = "rtsp://u:it's@cam/live", RtspTransport = transport });

        Assert.Equal(
            $"{Before} -threads 1 -f concat -safe 0 -auto_convert 0 "
            + $"-protocol_whitelist pipe,rtsp,rtsps,rtp,srtp,udp,tcp,tls -i pipe:0 {After}",
            string.Join(' ', command.Arguments));
        Assert.Equal(
            $"ffconcat version 1.0\nfile 'rtsp://u:it'\\''s@cam/live'\noption rtsp_transport '{name}'\noption timeout '10000000'\n",
            command.Script);
    }

    [Fact]
    public void ForSource_Http_AddressGoesIntoTheScript()
    {
        FfmpegCommand command = Build(
            new SourceOptions { Input = "http://u:p@cam/live", ConnectTimeout = TimeSpan.FromSeconds(3), StallTimeout = TimeSpan.FromSeconds(0.5) });

        Assert.Equal(
            $"{Before} -threads 1 -f concat -safe 0 -auto_convert 0 "
            + $"-protocol_whitelist pipe,http,https,httpproxy,tcp,tls,crypto,data -i pipe:0 {After}",
            string.Join(' ', command.Arguments));
        Assert.Equal("ffconcat version 1.0\nfile 'http://u:p@cam/live'\noption rw_timeout '3000000'\n", command.Script);
    }

    [Fact]
    public void ForImages_Paths_AreListedInTheScript()
    {
        FfmpegCommand command = FfmpegArguments.ForImages(new SourceOptions { Rate = 4, RealTime = true }, ["/i/a%d.jpg", "/i/b.jpg"]);

        Assert.Equal(
            $"{Before} -threads 1 -re -f concat -safe 0 -auto_convert 0 -protocol_whitelist pipe,file -i pipe:0 {After}",
            string.Join(' ', command.Arguments));
        Assert.Equal(
            "ffconcat version 1.0\n"
            + "file 'file:/i/a%d.jpg'\noption pattern_type 'none'\nduration 0.25\n"
            + "file 'file:/i/b.jpg'\noption pattern_type 'none'\nduration 0.25\n",
            command.Script);
    }

    [Fact]
    public void ForImages_NameWithLineBreak_IsRefused() => Assert.Throws<ArgumentException>(
        () => FfmpegArguments.ForImages(new SourceOptions(), ["/i/a\nfile b.jpg"]));

    private static FfmpegCommand Build(SourceOptions options) =>
        FfmpegArguments.ForSource(options, SourceAddress.Parse(options.Input));

    private static void AssertArguments(SourceOptions options, string expected)
    {
        FfmpegCommand command = Build(options);
        Assert.Equal(expected, string.Join(' ', command.Arguments));
        Assert.Null(command.Script);
    }
}
