using EdgeInference.Capture;
using FsCheck;
using FsCheck.Xunit;

namespace EdgeInference.Tests.Capture;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("rtsp://user:hunter2@cam:554/live", "rtsp://***@cam:554/live")]
    [InlineData("rtsp://user@cam/live", "rtsp://***@cam/live")]
    [InlineData("rtsp://user:p@ss@cam/live", "rtsp://***@cam/live")]
    [InlineData("http://cam/live?user=a&password=hunter2&size=2", "http://cam/live?user=a&password=***&size=2")]
    [InlineData("https://cam/live?Access_Token=abc#t=1", "https://cam/live?Access_Token=***#t=1")]
    [InlineData("https://b.s3/x?X-Amz-Signature=abc&X-Amz-Credential=de", "https://b.s3/x?X-Amz-Signature=***&X-Amz-Credential=***")]
    [InlineData(
        "[concat @ 0x55] [error] Impossible to open 'http://u:hunter2@127.0.0.1:1/v.mp4?token=x'",
        "[concat @ 0x55] [error] Impossible to open 'http://***@127.0.0.1:1/v.mp4?token=***'")]
    [InlineData("from http://a:b@c/ to rtsp://d:e@f/", "from http://***@c/ to rtsp://***@f/")]
    public void Redact_Credentials_AreHidden(string text, string expected) =>
        Assert.Equal(expected, Redaction.Redact(text));

    [Theory]
    [InlineData("")]
    [InlineData("rtsp://cam:554/live")]
    [InlineData("http://cam/photo@2x.jpg?size=3")]
    [InlineData("Stream #0:0: Video: h264, yuv420p, 2x2, q=2-31")]
    [InlineData("[h264 @ 0x55d1] error while decoding MB 1 2")]
    public void Redact_NothingSecret_StaysAsItIs(string text) => Assert.Equal(text, Redaction.Redact(text));

    [Property]
    public void Redact_AnyPassword_IsHidden(PositiveInt seed)
    {
        string secret = "S" + seed.Get + "@:!$%S";
        Assert.DoesNotContain(secret, Redaction.Redact($"open rtsp://me:{secret}@cam/live failed"), StringComparison.Ordinal);
    }
}
