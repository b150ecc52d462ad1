using System.Text;
using System.Text.Json;
using EdgeInference.Reporting;
using EdgeInference.Service.Commands;

namespace EdgeInference.Service.Tests.Commands;

public sealed class CommandReplyJsonTests
{
    private static readonly ReportReceipt Receipt = new(
        Guid.Parse("019c0de0-0000-7000-8000-000000000001"), new DateTimeOffset(2026, 1, 31, 12, 34, 56, TimeSpan.Zero).AddMicroseconds(789012), 123);

    [Fact]
    public void Write_Report_NamesTheReport() => Assert.Equal(
        """{"id":"ä\n","command":"report","ok":true,"streams":[{"stream":"line1","ok":true,"report_id":"019c0de0-0000-7000-8000-000000000001","timestamp":"2026-01-31T12:34:56.789012","frame_id":123}]}""",
        Write(new CommandReply("ä\n", "report", null, [new StreamReply("line1") { Report = Receipt }])));

    [Fact]
    public void Write_OneStreamFailed_IsNotOkAsAWhole() => Assert.Equal(
        """{"id":null,"command":"set-interval","ok":false,"streams":[{"stream":"a","ok":true,"interval":0.5},{"stream":"b","ok":false,"error":"the stream has ended"}]}""",
        Write(new CommandReply(null, "set-interval", null, [new StreamReply("a") { Interval = TimeSpan.FromSeconds(0.5) }, new StreamReply("b", "the stream has ended")])));

    [Fact]
    public void Write_NoCommand_SaysWhy() => Assert.Equal(
        """{"id":null,"command":null,"ok":false,"error":"the message is empty"}""",
        Write(CommandReply.Of(CommandMessage.Wrong("the message is empty"))));

    [Theory]
    [InlineData(30, 0)]
    [InlineData(200, 0)]
    [InlineData(200, 3)]
    [InlineData(200, 200)]
    [InlineData(5000, 1)]
    public void Write_ManyStreams_FitsAndNamesThoseThatFailedFirst(int streams, int failed)
    {
        StreamReply[] replies =
        [
            .. Enumerable.Range(0, streams).Select(i => i < streams - failed
                ? new StreamReply(Name(i)) { Report = Receipt with { FrameId = long.MaxValue } }
                : new StreamReply(Name(i), "no frame was inferred within 10 s: capture connecting, inference waiting for a frame")),
        ];

        string json = Write(new CommandReply(new string('\u0001', CommandParser.MaxIdLength), "report", null, replies));

        Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, CommandReplyJson.MaxBytes);
        using JsonDocument reply = JsonDocument.Parse(json);
        JsonElement[] written = [.. reply.RootElement.GetProperty("streams").EnumerateArray()];
        int leftOut = reply.RootElement.TryGetProperty("left_out", out JsonElement count) ? count.GetInt32() : 0;
        Assert.Equal(streams, written.Length + leftOut);
        Assert.Equal(failed == 0, reply.RootElement.GetProperty("ok").GetBoolean());
        if (leftOut > 0)
            Assert.Equal(Math.Min(failed, written.Length), written.TakeWhile(static stream => !stream.GetProperty("ok").GetBoolean()).Count());

        // Room for one more would have been used.
        Assert.True(leftOut == 0 || Encoding.UTF8.GetByteCount(json) > CommandReplyJson.MaxBytes - 300, $"{json.Length}");
    }

    private static string Name(int number) => $"{number}".PadLeft(64, 'x');

    private static string Write(CommandReply reply) => Encoding.UTF8.GetString(CommandReplyJson.Write(reply));
}
