using EdgeInference.Capture;

namespace EdgeInference.Tests.Capture;

public sealed class SourceAddressTests
{
    [Theory]
    [InlineData("videos/belt.mp4", SourceKind.File, "videos/belt.mp4")]
    [InlineData(" belt.mp4 ", SourceKind.File, "belt.mp4")]
    [InlineData("2024", SourceKind.File, "2024")]
    [InlineData("file:///srv/a%20b.mp4", SourceKind.File, "/srv/a b.mp4")]
    [InlineData("0", SourceKind.Camera, "/dev/video0")]
    [InlineData("12", SourceKind.Camera, "/dev/video12")]
    [InlineData("/dev/video3", SourceKind.Camera, "/dev/video3")]
    [InlineData("rtsp://cam/live", SourceKind.Rtsp, "rtsp://cam/live")]
    [InlineData("RTSPS://cam/live", SourceKind.Rtsp, "RTSPS://cam/live")]
    [InlineData("https://cam/live.mjpg", SourceKind.Http, "https://cam/live.mjpg")]
    public void Parse_EachKind_IsRecognised(string input, object kind, string target)
    {
        Assert.Null(SourceAddress.FindFault(input));
        Assert.Equal(new SourceAddress((SourceKind)kind, target), SourceAddress.Parse(input));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("rtmp://cam/live", "rtmp://")]
    [InlineData("rtsp://", "not a valid address")]
    [InlineData("rtsp://user:pa/ss@cam/live", "not a valid address")]
    [InlineData("http://cam/a\nfile x", "control character")]
    public void FindFault_OtherInput_SaysWhatIsWrong(string input, string expected) =>
        Assert.Contains(expected, SourceAddress.FindFault(input), StringComparison.Ordinal);

    [Fact]
    public void FindFault_AddressWithPassword_DoesNotRepeatIt() =>
        Assert.DoesNotContain("hunter2", SourceAddress.FindFault("rtsp://user:hunter2/@cam/live"), StringComparison.Ordinal);

    [Theory]
    [InlineData("rtsp://user:hunter2@cam:8554/live", "rtsp://***@cam:8554/live")]
    [InlineData("a@b:c=d.mp4", "a@b:c=d.mp4")]
    public void DisplayName_Any_HoldsNoCredentials(string input, string expected)
    {
        SourceAddress address = SourceAddress.Parse(input);
        Assert.Equal(expected, address.DisplayName);
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("belt.mp4", false)]
    [InlineData("0", true)]
    [InlineData("rtsp://cam/live", true)]
    [InlineData("http://cam/live", true)]
    public void IsLive_CamerasAndNetwork_DoNotWait(string input, bool expected) =>
        Assert.Equal(expected, SourceAddress.Parse(input).IsLive);
}
