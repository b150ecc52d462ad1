using System.Text.Json;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.Reporting;
using EdgeInference.Service.Commands;
using EdgeInference.Service.Streams;
using EdgeInference.Service.Systemd;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Service.Tests.Commands;

public sealed class CommandServiceTests : IAsyncDisposable
{
    private const string ReportAll = """{"command":"report"}""";

    private readonly FakeTimeProvider _time = new();
    private readonly FakeTransport _transport = new();
    private readonly RecordingLogger<CommandService> _log = new();
    private readonly TaskCompletionSource _begun = new();
    private readonly CommandService _service;
    private CommandTarget[] _streams = [];

    public CommandServiceTests() => _service = new CommandService(
        new CommandOptions { Topic = "box/commands", ReplyTopic = "box/answers" }, _transport, new CommandExecutor(() => _streams, _time), _begun.Task, _time, _log);

    public async ValueTask DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        Assert.False(_service.ExecuteTask?.IsFaulted);
        _service.Dispose();
    }

    [Fact]
    public async Task SetInterval_OneStream_HoldsForItAlone()
    {
        await StartAsync("line1", "line2");

        _transport.Send("""{"command":"set-interval","interval":"00:00:05","stream":"line2","id":"7"}""");

        (string topic, JsonElement reply) = await _transport.ReadReplyAsync();
        Assert.Equal("box/answers", topic);
        Assert.Equal("""{"id":"7","command":"set-interval","ok":true,"streams":[{"stream":"line2","ok":true,"interval":5}]}""", reply.GetRawText());
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)], _streams.Select(static stream => stream.Reporting.Interval));
        Assert.Equal("box/commands", await _transport.Topic);
    }

    [Fact]
    public async Task Report_SomeStreams_AnswersWhenAllAreMade()
    {
        await StartAsync("line1", "line2");
        _transport.Send(ReportAll);

        ReportReceipt[] receipts = [await MakeReportAsync(0), await MakeReportAsync(1)];

        JsonElement reply = (await _transport.ReadReplyAsync()).Reply;
        Assert.True(reply.GetProperty("ok").GetBoolean());
        Assert.Equal(receipts.Select(static receipt => receipt.Id), reply.GetProperty("streams").EnumerateArray().Select(static stream => stream.GetProperty("report_id").GetGuid()));
    }

    [Theory]
    [InlineData("Ended", "the stream has ended")]
    [InlineData("Faulted", "the stream has failed, and the log says why")]
    public async Task Command_StreamIsOver_SaysSoAtOnce(string state, string fault)
    {
        await StartAsync("line1");
        _streams = [Stream("line1", Enum.Parse<StreamState>(state))];

        _transport.Send(ReportAll);
        _transport.Send("""{"command":"set-interval","interval":5}""");

        foreach (string command in (string[])["report", "set-interval"])
        {
            Assert.Equal(
                $$"""{"id":null,"command":"{{command}}","ok":false,"streams":[{"stream":"line1","ok":false,"error":"{{fault}}"}]}""",
                await _transport.ReadReplyTextAsync());
        }

        Assert.Equal(TimeSpan.FromSeconds(1), _streams[0].Reporting.Interval);
    }

    [Fact]
    public async Task Report_NoFrameComes_SaysWhatTheStreamIsAtAfterALimit()
    {
        await StartAsync("line1");
        _transport.Send(ReportAll);
        await WaitUntilAsync(() => _streams[0].Reporting.IsRequested);

        _streams = [_streams[0] with { View = _streams[0].View with { Parts = [Part("capture", "lost"), Part("inference", "waiting for a frame")] } }];
        _time.Advance(CommandExecutor.ReportTimeout);

        Assert.Equal(
            """{"id":null,"command":"report","ok":false,"streams":[{"stream":"line1","ok":false,"error":"no frame was inferred within 10 s: capture lost, inference waiting for a frame"}]}""",
            await _transport.ReadReplyTextAsync());
        Assert.False(_streams[0].Reporting.IsRequested);
        Assert.Equal(4162, (await _log.WaitAsync(4162)).EventId);
    }

    /// <summary>It cannot be called back any more: to say that there is none would be wrong.</summary>
    [Fact]
    public async Task Report_PublishersHaveNoRoom_SaysThatItIsMade()
    {
        await StartAsync("line1");
        _transport.Send(ReportAll);
        await WaitUntilAsync(() => _streams[0].Reporting.IsRequested);
        var receipt = new ReportReceipt(Guid.NewGuid(), _time.GetUtcNow(), FrameId: 7);
        Assert.NotNull(_streams[0].Reporting.Take(receipt));

        _time.Advance(CommandExecutor.ReportTimeout);

        JsonElement stream = Assert.Single((await _transport.ReadReplyAsync()).Reply.GetProperty("streams").EnumerateArray());
        Assert.Equal("the report is made, but its publishers have had no room for it within 10 s", stream.GetProperty("error").GetString());
        Assert.Equal((false, receipt.Id, 7), (stream.GetProperty("ok").GetBoolean(), stream.GetProperty("report_id").GetGuid(), stream.GetProperty("frame_id").GetInt64()));
    }

    /// <summary>What comes from outside must not end the process.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Command_MeetsADefect_IsAnsweredAndTheNextOneIsCarriedOut(bool isAtOnce)
    {
        await StartAsync("line1");
        CommandTarget[] streams = _streams;
        if (isAtOnce)
            _streams = null!;
        _transport.Send("""{"command":"report","id":"1"}""");
        if (!isAtOnce)
        {
            // It looks once more after a while.
            await WaitUntilAsync(() => streams[0].Reporting.IsRequested);
            _streams = null!;
            _time.Advance(CommandExecutor.ReportTimeout);
        }

        Assert.Equal("""{"id":"1","command":"report","ok":false,"error":"the command has failed, and the log says why"}""", await _transport.ReadReplyTextAsync());
        LogLine line = await _log.WaitAsync(4167);
        Assert.Equal((LogLevel.Error, true), (line.Level, line.Exception is not null));
        _streams = streams;
        _transport.Send("""{"command":"set-interval","interval":5,"id":"2"}""");
        Assert.Equal("2", await ReadIdAsync());
    }

    /// <summary>A stream that stands still must not keep others from being commanded.</summary>
    [Fact]
    public async Task Command_BehindOneThatWaits_IsCarriedOutAtOnceAndAnsweredInTurn()
    {
        await StartAsync("stands", "runs");
        _transport.Send("""{"command":"report","stream":"stands","id":"1"}""");
        _transport.Send("""{"command":"set-interval","interval":9,"stream":"runs","id":"2"}""");
        _transport.Send("""{"command":"set-interval","interval":3,"stream":"runs","id":"3"}""");
        await WaitUntilAsync(() => _streams[1].Reporting.Interval == TimeSpan.FromSeconds(3));

        await MakeReportAsync(0);

        foreach (string id in (string[])["1", "2", "3"])
            Assert.Equal(id, await ReadIdAsync());
    }

    [Fact]
    public async Task Command_UnknownStream_NamesThoseThatThereAre()
    {
        await StartAsync("a", "b", "c", "d", "e", "f", "g");

        _transport.Send("""{"command":"report","stream":"x\n"}""");

        Assert.Equal(
            """{"id":null,"command":"report","ok":false,"error":"there is no stream 'x?'; there are: a, b, c, d, e and 2 more"}""",
            await _transport.ReadReplyTextAsync());
    }

    [Fact]
    public async Task Command_ThatIsNone_IsAnsweredAndLoggedInOneCleanLine()
    {
        await StartAsync("line1");

        _transport.Send("""{"command":"st\u001b[31m\nop","id":"\u0007"}""");

        Assert.Equal(
            """{"id":"\u0007","command":null,"ok":false,"error":"the command 'st?[31m?op' is unknown; known: report, set-interval"}""",
            await _transport.ReadReplyTextAsync());
        LogLine line = await _log.WaitAsync(4163);
        Assert.Equal("Command ('?') refused: the command 'st?[31m?op' is unknown; known: report, set-interval", line.Message);
        Assert.Equal(LogLevel.Information, line.Level);
    }

    /// <summary>Those that are begun share the stream's next report; of those that wait the newest are kept.</summary>
    [Fact]
    public async Task Report_Flood_SharesOneReportAndDropsTheOldestWithALine()
    {
        await StartAsync("line1");
        var halt = new TaskCompletionSource();
        _transport.OnReply = _ => halt.Task;
        Task<ReportReceipt> made = MakeReportAsync(0);
        _transport.Send(ReportAll);
        await made;

        // The first one's answer is on its way for as long as it takes. The loops have room for 1 more in hand, then 8, then 16.
        const int Sent = 1000;
        for (int i = 1; i <= Sent; i++)
            _transport.Send($$"""{"command":"report","id":"{{i}}"}""");
        const int Kept = 1 + CommandService.MostBegun + CommandService.MostWaiting;
        await WaitUntilAsync(() => _service.Dropped >= Sent - Kept);
        halt.SetResult();
        await MakeReportsAsync(untilIdIs: $"{Sent}");

        Assert.Single(_log.Lines, static line => line.EventId == 4165);
        Assert.Contains($"; {_service.Dropped} have been dropped", (await _log.WaitAsync(4166)).Message, StringComparison.Ordinal);
        Assert.InRange(_service.Dropped, Sent - Kept, Sent - CommandService.MostWaiting);
    }

    [Fact]
    public async Task Command_TransportHasDroppedSome_AreCountedAndToldOf()
    {
        await StartAsync("line1");
        _transport.Dropped = 5;

        _transport.Send("""{"command":"set-interval","interval":5}""");

        await _log.WaitAsync(4165);
        Assert.Contains("; 5 have been dropped", (await _log.WaitAsync(4166)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_DoesNotArrive_IsLoggedAndTheNextOneIsSent()
    {
        await StartAsync("line1");
        _transport.OnReply = static _ => throw new PublishException(PublishFailure.Final, "not allowed");
        _transport.Send("""{"command":"set-interval","interval":5}""");
        Assert.Contains("not allowed", (await _log.WaitAsync(4164)).Message, StringComparison.Ordinal);

        // Neither does one that nothing is heard of.
        _transport.OnReply = token => Task.Delay(Timeout.InfiniteTimeSpan, token);
        _transport.Send("""{"command":"set-interval","interval":6}""");
        await WaitUntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _log.Lines.Any(static line => line.Message.Contains("not arrived within 20 s", StringComparison.Ordinal));
        });

        _transport.OnReply = static _ => Task.CompletedTask;
        _transport.Send("""{"command":"set-interval","interval":7,"id":"7"}""");
        Assert.Equal("7", await ReadIdAsync());
    }

    [Fact]
    public async Task Start_BeforeThereAreStreams_WaitsForThem()
    {
        await _service.StartAsync(CancellationToken.None);
        _transport.Send("""{"command":"set-interval","interval":5}""");
        Assert.False(_transport.Topic.IsCompleted);

        _streams = [Stream("line1")];
        _begun.SetResult();

        Assert.Contains("\"line1\"", await _transport.ReadReplyTextAsync(), StringComparison.Ordinal);
    }

    private static CommandTarget Stream(string name, StreamState state = StreamState.Running) =>
        new(new StreamView(name, state, Inferred: 0, Parts: []), new ReportingControl(TimeSpan.FromSeconds(1)));

    private static StreamPart Part(string name, string activity) => new(name, new StreamActivity(ActivityKind.Work, activity), Signs: 0);

    private async Task StartAsync(params string[] streams)
    {
        _streams = [.. streams.Select(static name => Stream(name))];
        _begun.SetResult();
        await _service.StartAsync(CancellationToken.None);
    }

    private async Task<string?> ReadIdAsync() => (await _transport.ReadReplyAsync()).Reply.GetProperty("id").GetString();

    /// <summary>What a stream does at its next frame.</summary>
    private async Task<ReportReceipt> MakeReportAsync(int stream)
    {
        await WaitUntilAsync(() => _streams[stream].Reporting.IsRequested);
        var receipt = new ReportReceipt(Guid.NewGuid(), _time.GetUtcNow(), FrameId: 1);
        _streams[stream].Reporting.Take(receipt)!.Complete();
        return receipt;
    }

    private async Task MakeReportsAsync(string untilIdIs)
    {
        using var stop = new CancellationTokenSource();
        Task making = WaitUntilAsync(() =>
        {
            _streams[0].Reporting.Take(new ReportReceipt(Guid.NewGuid(), _time.GetUtcNow(), FrameId: 1))?.Complete();
            return stop.IsCancellationRequested;
        });
        while (await ReadIdAsync() != untilIdIs)
        {
            // Those before it.
        }

        await stop.CancelAsync();
        await making;
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(1, deadline.Token);
    }
}
