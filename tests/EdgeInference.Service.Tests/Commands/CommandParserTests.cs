using System.Text;
using EdgeInference.Service.Commands;

namespace EdgeInference.Service.Tests.Commands;

public sealed class CommandParserTests
{
    [Theory]
    [InlineData("""{"command":"report"}""", null, null)]
    [InlineData(""" { "stream" : "line1", "id":"a-1" , "command":"report" } """, "a-1", "line1")]
    [InlineData("""{"command":"report","id":""}""", "", null)]
    [InlineData("""{"\u0063ommand":"report","id":"\u00e4\ud83d\ude00"}""", "ä😀", null)]
    public void Parse_Report_IsUnderstood(string json, string? id, string? stream) =>
        Assert.Equal(new ReportCommand(id, stream), Parse(json).Command);

    [Theory]
    [InlineData("5", 5)]
    [InlineData("0.5", 0.5)]
    [InlineData("0", 0)]
    [InlineData("1e1", 10)]
    [InlineData("86400", 86400)]
    [InlineData("\"00:00:05\"", 5)]
    [InlineData("\"5\"", 5)]
    [InlineData("\"500ms\"", 0.5)]
    [InlineData("\"1.00:00:00\"", 86400)]
    public void Parse_SetInterval_IsUnderstood(string interval, double seconds) => Assert.Equal(
        new SetIntervalCommand("7", "line1", TimeSpan.FromSeconds(seconds)),
        Parse($$"""{"command":"set-interval","interval":{{interval}},"stream":"line1","id":"7"}""").Command);

    [Theory]
    [InlineData("-1")]
    [InlineData("-0.001")]
    [InlineData("86400.1")]
    [InlineData("1e999")]
    [InlineData("1e300")]
    [InlineData("\"\"")]
    [InlineData("\"soon\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"2.00:00:00\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[5]")]
    [InlineData("{}")]
    public void Parse_IntervalThatIsNone_SaysWhatIsAllowed(string interval)
    {
        CommandMessage message = Parse($$"""{"command":"set-interval","interval":{{interval}},"id":"7"}""");

        Assert.Equal("'interval' must be seconds (5 or 0.5), or a text as in the configuration (\"00:00:05\", \"500ms\"), from 0 to 1 day", message.Fault);
        Assert.Equal(("7", "set-interval"), (message.Id, message.Name));
    }

    [Theory]
    [InlineData("", "the message is empty; a command is a JSON object")]
    [InlineData("report", "the message is not valid JSON, or nested deeper than 16: line 1, byte 1")]
    [InlineData("{\n\"command\":\"report\",}", "the message is not valid JSON, or nested deeper than 16: line 2, byte 20")]
    [InlineData("""{"command":"report"}}""", "the message is not valid JSON, or nested deeper than 16: line 1, byte 21")]
    [InlineData("""{"command":"report"}{"command":"report"}""", "the message is not valid JSON, or nested deeper than 16: line 1, byte 21")]
    [InlineData("""{"command":"report"/**/}""", "the message is not valid JSON, or nested deeper than 16: line 1, byte 20")]
    [InlineData("""["report"]""", """the message is JSON, but not an object: {"command":"report"} is a command""")]
    [InlineData("null", """the message is JSON, but not an object: {"command":"report"} is a command""")]
    [InlineData("{}", "'command' is missing; known: report, set-interval")]
    [InlineData("""{"command":7}""", "'command' must be a text; known: report, set-interval")]
    [InlineData("""{"command":"Report"}""", "the command 'Report' is unknown; known: report, set-interval")]
    [InlineData("""{"command":"re\u0000\n\u202eport"}""", "the command 're???port' is unknown; known: report, set-interval")]
    [InlineData("""{"command":"report","Stream":"x"}""", "'Stream' is unknown; known for report: command, stream, id")]
    [InlineData("""{"command":"report","interval":5}""", "'interval' is unknown; known for report: command, stream, id")]
    [InlineData("""{"command":"set-interval","interval":5,"x":1}""", "'x' is unknown; known for set-interval: command, stream, id, interval")]
    [InlineData("""{"command":"set-interval"}""", "'interval' is missing: seconds (5 or 0.5), or a text as in the configuration (\"00:00:05\", \"500ms\"), from 0 to 1 day")]
    [InlineData("""{"command":"report","command":"report"}""", "'command' is there twice")]
    [InlineData("""{"command":"report","\u0063ommand":"report"}""", "'command' is there twice")]
    [InlineData("""{"command":"report","stream":1}""", "'stream' must be a text, the name of a stream; without it the command is for all streams")]
    [InlineData("""{"command":"report","stream":null}""", "'stream' must be a text, the name of a stream; without it the command is for all streams")]
    [InlineData("""{"command":"report","id":7}""", "'id' must be a text of 128 characters at most")]
    [InlineData("""{"command":"report","id":null}""", "'id' must be a text of 128 characters at most")]
    [InlineData("""{"command":"report","id":"\ud800"}""", "the message holds an escaped character that does not exist")]
    [InlineData("""{"command":"report","\udfff":1}""", "the message holds an escaped character that does not exist")]
    public void Parse_WhatIsNoCommand_SaysWhatAndWhere(string json, string fault)
    {
        CommandMessage message = Parse(json);

        Assert.Equal(fault, message.Fault);
        Assert.Throws<InvalidOperationException>(() => message.Command);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Parse_LongId_IsTakenUpToALimit(int length, bool isTaken) =>
        Assert.Equal(isTaken, Parse($$"""{"command":"report","id":"{{new string('a', length)}}"}""").Fault is null);

    /// <summary>Whoever sends several commands at once must be able to tell which was wrong.</summary>
    [Theory]
    [InlineData("""{"command":"stop","id":"7"}""")]
    [InlineData("""{"id":"7"}""")]
    [InlineData("""{"x":1,"command":"report","id":"7"}""")]
    [InlineData("""{"stream":1,"stream":1,"command":"report","id":"7"}""")]
    public void Parse_WrongInAnotherPart_KeepsTheId(string json)
    {
        CommandMessage message = Parse(json);

        Assert.NotNull(message.Fault);
        Assert.Equal("7", message.Id);
    }

    [Theory]
    [InlineData(4096, null)]
    [InlineData(4097, "the message is longer than 4096 bytes")]
    public void Parse_LongMessage_IsTakenUpToALimit(int bytes, string? fault) => Assert.Equal(fault, Parse("""{"command":"report"}""".PadRight(bytes)).Fault);

    [Fact]
    public void Parse_InvalidUtf8_SaysWhere()
    {
        byte[] message = [.. """{"command":"report","id":"ä"""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal("the message is not UTF-8: byte 29 does not belong there", CommandParser.Parse(message).Fault);
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        string deep = new string('[', 2000) + new string(']', 2000);

        Assert.Equal("the message is not valid JSON, or nested deeper than 16: line 1, byte 21", Parse($$"""{"x":{{deep}}}""").Fault);
    }

    private static CommandMessage Parse(string json) => CommandParser.Parse(Encoding.UTF8.GetBytes(json));
}
