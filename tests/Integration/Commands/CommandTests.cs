using System.Text.Json;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Commands;

/// <summary>Commands to the real program through a real broker.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Topic = "fleet/box7/commands";
    private const string ReplyTopic = "fleet/box7/commands/reply";
    private const string ReportTopic = "openvino/classification";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Commands_AreCarriedOutAndAnswered()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        Dictionary<string, object> stream = Settings.LiveStream(publishers: new { }, interval: "1h");
        stream["Name"] = "line1";
        stream["Model"] = new { Path = DemoFiles.Classifier, SwapTimeFactor = 0 };
        string settings = await WriteSettingsAsync();
        await using var service = RunningService.Start(new Dictionary<string, string> { ["AWS_IOT_THING_NAME"] = "box7" }, "run", "--config", settings);
        await service.WaitForLogAsync($"MQTT: takes commands from '{Topic}'");

        JsonElement made = await AskAsync("""{"command":"report","id":"1"}""");
        JsonElement line1 = Assert.Single(made.GetProperty("streams").EnumerateArray());
        Assert.Equal(("1", "report", true, "line1"), (made.GetProperty("id").GetString(), made.GetProperty("command").GetString(), made.GetProperty("ok").GetBoolean(), line1.GetProperty("stream").GetString()));
        await subscriber.WaitAsync(static messages => ReportsIn(messages).Any());
        ReceivedMessage message = Assert.Single(ReportsIn(subscriber.Messages));
        JsonElement report = JsonDocument.Parse(message.Payload).RootElement;
        Assert.Equal(message.Properties["id"], line1.GetProperty("report_id").GetString());
        Assert.Equal(report.GetProperty("timestamp").GetString(), line1.GetProperty("timestamp").GetString());
        Assert.Equal(report.GetProperty("frame_id").GetInt64(), line1.GetProperty("frame_id").GetInt64());

        JsonElement refused = await AskAsync("""{"command":"report","stream":"line9","id":"2"}""");
        Assert.False(refused.GetProperty("ok").GetBoolean());
        Assert.Equal("there is no stream 'line9'; there are: line1", refused.GetProperty("error").GetString());
        Assert.Equal("'command' is missing; known: report, set-interval", (await AskAsync("{}")).GetProperty("error").GetString());

        Assert.True((await AskAsync("""{"command":"set-interval","interval":0.1}""")).GetProperty("ok").GetBoolean());
        await subscriber.WaitAsync(static messages => ReportsIn(messages).Count() >= 10);

        // It holds over another model: an hour is configured.
        stream["Classification"] = new { TopResults = 2 };
        File.Move(await WriteSettingsAsync(), settings, overwrite: true);
        await service.WaitForLogAsync("takes the place of");
        int sofar = ReportsIn(subscriber.Messages).Count();
        await subscriber.WaitAsync(messages => ReportsIn(messages).Count() >= sofar + 10);
        Assert.True((await AskAsync("""{"command":"set-interval","interval":"1:00:00"}""")).GetProperty("ok").GetBoolean());
        JsonElement last = Assert.Single((await AskAsync("""{"command":"report"}""")).GetProperty("streams").EnumerateArray());

        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());

        // The interval of an hour holds again: but for the newest frame, which is reported when the service stops, that was the last.
        await subscriber.WaitAsync(messages => ReportsIn(messages).Any(message => message.Properties["id"] == last.GetProperty("report_id").GetString()));
        string[] ids = [.. ReportsIn(subscriber.Messages).Select(static message => message.Properties["id"]).Distinct()];
        Assert.InRange(ids.SkipWhile(id => id != last.GetProperty("report_id").GetString()).Count(), 1, 2);
        Assert.DoesNotContain(service.LogLines, static line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal));

        Task<string> WriteSettingsAsync() => Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "127.0.0.1", broker.Port },
            Outbox = new { Directory = _folder.File("outbox") },
            Commands = new { Topic = "fleet/{thing}/commands" },
            Streams = new[] { stream },
        });

        async Task<JsonElement> AskAsync(string command)
        {
            int before = RepliesIn(subscriber.Messages).Count();
            await subscriber.PublishAsync(Topic, command);
            await subscriber.WaitAsync(messages => RepliesIn(messages).Count() > before);
            return JsonDocument.Parse(RepliesIn(subscriber.Messages).ElementAt(before)).RootElement;
        }
    }

    private static IEnumerable<ReceivedMessage> ReportsIn(IReadOnlyList<ReceivedMessage> messages) =>
        messages.Where(static message => message.Topic == ReportTopic && message.Payload.StartsWith('{'));

    private static IEnumerable<string> RepliesIn(IReadOnlyList<ReceivedMessage> messages) =>
        messages.Where(static message => message.Topic == ReplyTopic).Select(static message => message.Payload);
}
