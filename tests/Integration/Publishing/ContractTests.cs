using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>What a subscriber of the samples' topics gets from the service, from the first message to the last.</summary>
public sealed partial class ContractTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_DetectorWithVariablesOfTheSamples_SendsTheContract()
    {
        ReceivedMessage[] messages = await RunWithVariablesAsync(DemoFiles.Detector, DemoFiles.Conveyor, DemoFiles.DetectorLabels);

        Assert.All(messages, static message => Assert.Equal("openvino/ssd", message.Topic));
        int objects = 0;
        foreach (JsonElement report in AssertCourse(messages, DemoFiles.Conveyor, "parts-detector", DemoFiles.ConveyorFrames))
        {
            JsonProperty[] found = [.. report.EnumerateObject().SkipLast(3)];
            objects += found.Length;
            Assert.Equal(Enumerable.Range(0, found.Length).Select(static i => $"Object{i}"), found.Select(static field => field.Name));
            foreach (JsonElement detected in found.Select(static field => field.Value))
            {
                Assert.Equal(
                    ["label", "class", "confidence", "xmin", "ymin", "xmax", "ymax"], detected.EnumerateObject().Select(static field => field.Name));
                Assert.Equal(JsonValueKind.String, detected.GetProperty("class").ValueKind);
                Assert.True(detected.GetProperty("label").TryGetInt32(out _));
                foreach (JsonProperty number in detected.EnumerateObject().Skip(2))
                    AssertRounded(number.Value);
                Assert.InRange(detected.GetProperty("confidence").GetDouble(), 0.5, 1);
            }
        }

        Assert.True(objects > 0);
    }

    [Fact]
    public async Task Run_ClassifierWithVariablesOfTheSamples_SendsTheContract()
    {
        ReceivedMessage[] messages = await RunWithVariablesAsync(DemoFiles.Classifier, DemoFiles.Inspection, DemoFiles.ClassifierLabels);

        Assert.All(messages, static message => Assert.Equal("openvino/classification", message.Topic));
        foreach (JsonElement report in AssertCourse(messages, DemoFiles.Inspection, "parts-classifier", DemoFiles.InspectionFrames))
        {
            JsonProperty candidates = Assert.Single(report.EnumerateObject().SkipLast(3));
            Assert.Equal("Candidates", candidates.Name);
            JsonElement[] probabilities = [.. candidates.Value.EnumerateObject().Select(static candidate => candidate.Value)];
            Assert.NotEmpty(probabilities);
            Assert.All(probabilities, AssertRounded);
            Assert.Equal(probabilities.Select(static p => p.GetDouble()).OrderDescending(), probabilities.Select(static p => p.GetDouble()));
        }
    }

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
        foreach (ReceivedMessage message in subscriber.Messages.Where(static message => message.Topic.EndsWith("/gate", StringComparison.Ordinal) && IsReport(message)))
        {
            JsonElement report = Parse(message.Payload);
            Assert.Equal(["timestamp", "frame_id", "inference_fps", "id", "stream", "model"], report.EnumerateObject().TakeLast(6).Select(static field => field.Name));
            Assert.Equal(message.Properties["id"], report.GetProperty("id").GetString());
            Assert.Equal("gate", report.GetProperty("stream").GetString());
            Assert.Equal(message.Properties["model"], report.GetProperty("model").GetString());
        }
    }

    /// <summary>Runs the service with the samples' variables and the broker's address, and no more.</summary>
    private static async Task<ReceivedMessage[]> RunWithVariablesAsync(string model, string source, string labels)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);

        ServiceRun run = await ServiceProcess.RunAsync(new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = model,
            ["PARAM_INPUT_SOURCE"] = source,
            ["PARAM_LABELMAP_FILE"] = labels,
            ["PARAM_REPORTING_INTERVAL"] = "0.1",
            ["EdgeInference__Mqtt__Host"] = "127.0.0.1",
            ["EdgeInference__Mqtt__Port"] = $"{broker.Port}",
        });

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.DoesNotContain(run.LogLines, static line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal));
        await subscriber.WaitAsync(static messages => messages is [.., { Payload: "End of the input, exiting..." }]);
        return [.. subscriber.Messages];
    }

    /// <summary>The messages in their order, and what all reports have in common.</summary>
    private static JsonElement[] AssertCourse(ReceivedMessage[] messages, string source, string model, int frames)
    {
        ReceivedMessage[] reports = [.. messages.Where(IsReport)];
        Assert.True(reports.Length > 1);
        Assert.Equal(
            ["OpenVINO: Initializing...", $"Starting inference on {source}", .. reports.Select(static report => report.Payload), "End of the input, exiting..."],
            messages.Select(static message => message.Payload));
        Assert.All(messages, static message => Assert.True(message.IsText && !message.IsRetained));
        Assert.All(messages, message => Assert.Equal((string[])["id", "model", "stream"], message.Properties.Keys.Order(StringComparer.Ordinal)));
        Assert.All(messages, message => Assert.Equal(("stream1", model), (message.Properties["stream"], message.Properties["model"])));
        Assert.Equal(messages.Length, messages.Select(static message => Guid.Parse(message.Properties["id"])).Distinct().Count());

        JsonElement[] parsed = [.. reports.Select(static report => Parse(report.Payload))];
        foreach (JsonElement report in parsed)
        {
            Assert.Equal(["timestamp", "frame_id", "inference_fps"], report.EnumerateObject().TakeLast(3).Select(static field => field.Name));
            Assert.Matches(Timestamp(), report.GetProperty("timestamp").GetString());
            Assert.True(report.GetProperty("inference_fps").GetDouble() > 0);
        }

        int[] numbers = [.. parsed.Select(static report => report.GetProperty("frame_id").GetInt32())];
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.InRange(numbers[0], 1, frames);
        Assert.Equal(frames, numbers[^1]);
        string[] times = [.. parsed.Select(static report => report.GetProperty("timestamp").GetString()!)];
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        return parsed;
    }

    private static bool IsReport(ReceivedMessage message) => message.Payload.StartsWith('{');

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>Two decimals at most, in the shortest form that Python gives a float.</summary>
    private static void AssertRounded(JsonElement number) => Assert.Matches(Rounded(), number.GetRawText());

    [GeneratedRegex(@"^-?(0|[1-9]\d*)\.(\d|\d[1-9])$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rounded();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Timestamp();
}
