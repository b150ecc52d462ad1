using System.Text.Json;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Where the reports of several streams go.</summary>
public sealed class TopicTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_SeveralStreams_HaveATopicEach()
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        object source = new { Input = DemoFiles.Inspection };
        object model = new { Path = DemoFiles.Classifier };
        string settings = await Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "127.0.0.1", broker.Port },
            Outbox = new { Directory = _folder.File("outbox") },
            Streams = new object[]
            {
                new { Source = source, Model = model },
                new { Name = "gate", Source = source, Model = model, IncludeId = true },
                new { Name = "line", Source = source, Model = model, TopicName = "hall/7/line" },
            },
        });

        ServiceRun run = await ServiceProcess.RunAsync("run", "--config", settings);

        Assert.True(run.ExitCode == 0, run.Log);
        const string End = "End of the input, exiting...";
        await subscriber.WaitAsync(static messages => messages.Count(static message => message.Payload == End) == 3);
        (string Topic, string Stream)[] expected = [("hall/7/line", "line"), ("openvino/classification", "stream1"), ("openvino/classification/gate", "gate")];
        Assert.Equal(expected, subscriber.Messages.Select(static message => (message.Topic, message.Properties["stream"])).Distinct().Order());

        // Nobody has configured commands.
        Assert.DoesNotContain("SUBSCRIBE from edge-inference", broker.Output, StringComparison.Ordinal);
        foreach (ReceivedMessage message in subscriber.Messages.Where(static message => message.Topic.EndsWith("/gate", StringComparison.Ordinal) && IsReport(message)))
        {
            JsonElement report = Parse(message.Payload);
            Assert.Equal(["timestamp", "frame_id", "inference_fps", "id", "stream", "model"], report.EnumerateObject().TakeLast(6).Select(static field => field.Name));
            Assert.Equal(message.Properties["id"], report.GetProperty("id").GetString());
            Assert.Equal("gate", report.GetProperty("stream").GetString());
            Assert.Equal(message.Properties["model"], report.GetProperty("model").GetString());
        }
    }

    private static bool IsReport(ReceivedMessage message) => message.Payload.StartsWith('{');

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
