using System.ComponentModel.DataAnnotations;
using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class SourceOptionsTests
{
    public static TheoryData<SourceOptions> Valid => new(
        new SourceOptions { Input = "belt.mp4" },
        new SourceOptions { Input = "belt.mp4", Loop = true, RealTime = true, DecoderThreads = 0 },
        new SourceOptions { Input = "images", Rate = 5, RealTime = true },
        new SourceOptions { Input = "/dev/video0", Format = "mjpeg", Size = "1280x720", Rate = 29.97 },
        new SourceOptions { Input = "rtsp://user:pass@cam/live", RtspTransport = RtspTransport.Udp },
        new SourceOptions { Input = "belt.mp4", Decoder = VideoDecoder.Vaapi });

    public static TheoryData<SourceOptions, string> Invalid => new()
    {
        { new SourceOptions(), nameof(SourceOptions.Input) },
        { new SourceOptions { Input = "ftp://host/belt.mp4" }, nameof(SourceOptions.Input) },
        { new SourceOptions { Input = "belt.mp4", Format = "mjpeg" }, nameof(SourceOptions.Format) },
        { new SourceOptions { Input = "0", Format = "mjpeg -i x" }, nameof(SourceOptions.Format) },
        { new SourceOptions { Input = "rtsp://cam/live", Size = "640x480" }, nameof(SourceOptions.Size) },
        { new SourceOptions { Input = "0", Size = "640*480" }, nameof(SourceOptions.Size) },
        { new SourceOptions { Input = "0", Size = "0x480" }, nameof(SourceOptions.Size) },
        { new SourceOptions { Input = "http://cam/live", Rate = 25 }, nameof(SourceOptions.Rate) },
        { new SourceOptions { Input = "0", Rate = 0 }, nameof(SourceOptions.Rate) },
        { new SourceOptions { Input = "0", Loop = true }, nameof(SourceOptions.Loop) },
        { new SourceOptions { Input = "rtsp://cam/live", RealTime = true }, nameof(SourceOptions.RealTime) },
        { new SourceOptions { Input = "belt.mp4", DecoderThreads = 65 }, nameof(SourceOptions.DecoderThreads) },
        { new SourceOptions { Input = "belt.mp4", Decoder = VideoDecoder.Vaapi, VaapiDevice = " " }, nameof(SourceOptions.VaapiDevice) },
        { new SourceOptions { Input = "0", ConnectTimeout = TimeSpan.Zero }, nameof(SourceOptions.ConnectTimeout) },
        { new SourceOptions { Input = "0", StallTimeout = TimeSpan.FromHours(1) }, nameof(SourceOptions.StallTimeout) },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Validate_GoodOptions_FindsNoFault(SourceOptions options) => Assert.Empty(Validate(options));

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_BadOption_NamesIt(SourceOptions options, string expected)
    {
        ValidationResult fault = Assert.Single(Validate(options));
        Assert.Equal(expected, Assert.Single(fault.MemberNames));
        Assert.False(string.IsNullOrEmpty(fault.ErrorMessage));
    }

    [Fact]
    public void Validate_SeveralFaults_FindsAll() =>
        Assert.Equal(3, Validate(new SourceOptions { Input = "rtsp://cam/live", Loop = true, Rate = 2, Size = "2x2" }).Count);

    private static List<ValidationResult> Validate(SourceOptions options)
    {
        List<ValidationResult> faults = [];
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return faults;
    }
}
