using System.Text;
using System.Text.Json;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Commands;

/// <summary>Commands to the real program as a component of the Greengrass nucleus.</summary>
public sealed class NucleusCommandTests : IDisposable
{
    private const int Streams = 60;
    private const string Topic = "fleet/box7/commands";
    private const string ReplyTopic = "fleet/box7/answers";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Nucleus lite, whose frames are small, with more streams than an answer has room for.</summary>
    [Fact]
    public async Task Run_CommandsThroughTheNucleus_AreCarriedOutAndAnswered()
    {
        await using NucleusServer nucleus = NucleusServer.Run(_folder.Path);
        nucleus.Cloud.Echoes = true;
        Dictionary<string, object> runs = Settings.LiveStream(publishers: new { }, interval: "1h");
        runs["Name"] = "runs";
        IEnumerable<object> ends = Enumerable.Range(1, Streams - 1).Select(static number => new
        {
            Name = $"{number}".PadLeft(64, 'x'),
            Source = new { Input = $"/nowhere/{number}.mp4" },
            Model = new { Path = DemoFiles.Classifier },
            Publishers = new { Greengrass = new { Enabled = false } },
        });
        string settings = await Settings.WriteAsync(_folder, new
        {
            Outbox = new { Directory = _folder.File("outbox") },
            Commands = new { Topic = "fleet/{thing}/commands", ReplyTopic = "fleet/{thing}/answers" },
            Streams = (object[])[runs, .. ends],
        });
        var environment = new Dictionary<string, string>(nucleus.Environment) { ["AWS_IOT_THING_NAME"] = "box7" };
        await using var service = RunningService.Start(environment, "run", "--config", settings);
        await service.WaitForLogAsync($"Commands come on '{Topic}' through Greengrass; answers go to '{ReplyTopic}'");
        await WaitForSubscriptionAsync(1);

        JsonElement made = await AskAsync("""{"command":"report","stream":"runs","id":"1"}""");
        string report = Assert.Single(made.GetProperty("streams").EnumerateArray()).GetProperty("timestamp").GetString()!;
        await nucleus.Journal.WaitAsync(
            () => nucleus.Journal.Delivered.Any(publish => publish.Topic == "openvino/classification" && publish.Text.Contains(report, StringComparison.Ordinal)), "the report");

        JsonElement all = await AskAsync("""{"command":"report"}""");
        JsonElement[] streams = [.. all.GetProperty("streams").EnumerateArray()];
        Assert.Equal(Streams, streams.Length + all.GetProperty("left_out").GetInt32());
        Assert.All(streams, static stream => Assert.Equal("the stream has failed, and the log says why", stream.GetProperty("error").GetString()));

        nucleus.CutConnections();
        await WaitForSubscriptionAsync(2);
        JsonElement afterwards = await AskAsync("not JSON");
        Assert.Equal("the message is not valid JSON, or nested deeper than 16: line 1, byte 2", afterwards.GetProperty("error").GetString());

        service.Send(RunningService.Terminate);
        await service.WaitForExitAsync();
        Assert.Empty(nucleus.Journal.Violations);

        async Task<JsonElement> AskAsync(string command)
        {
            int before = Replies().Length;
            Assert.Equal(1, await nucleus.DeliverAsync(Topic, Encoding.UTF8.GetBytes(command)));
            await nucleus.Journal.WaitAsync(() => Replies().Length > before, "an answer");
            return JsonDocument.Parse(Replies()[before].Payload).RootElement;
        }

        Task WaitForSubscriptionAsync(int number) => nucleus.Journal.WaitAsync(
            () => nucleus.Journal.Subscriptions.Count(static subscription => subscription.Filter == Topic) == number, $"subscription {number}");

        NucleusPublish[] Replies() => [.. nucleus.Journal.Delivered.Where(static publish => publish.Topic == ReplyTopic)];
    }
}
