using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Samples;

/// <summary>
/// Whoever moves over from one of the samples sets its variables and the broker's address, and no more. A subscriber then
/// gets what the sample sent, letter by letter: each payload is compared with the one that is put together here from the
/// same frames, inferred once more and written with nine decimals and without a label map.
/// </summary>
public sealed partial class ContractTests : IDisposable
{
    private const string End = "End of the input, exiting...";

    // No longer there, but still in the environment of whoever ran the samples.
    private const string CpuExtension = "/usr/lib64/libcpu_extension.so";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Run_DemoDetector_SendsTheContractOfTheSsdSample() =>
        AssertContractAsync(DemoFiles.Detector, DemoFiles.DetectorLabels, DemoFiles.Conveyor, "openvino/ssd", "parts-detector", isDetection: true);

    [Fact]
    public Task Run_DemoClassifier_SendsTheContractOfTheClassificationSample() =>
        AssertContractAsync(DemoFiles.Classifier, DemoFiles.ClassifierLabels, DemoFiles.Inspection, "openvino/classification", "parts-classifier", isDetection: false);

    /// <summary>Models of the samples' years, in the IR version of those years where there is one.</summary>
    [DataTheory]
    [InlineData("squeezenet1.1/v10-FP16/squeezenet1.1.xml", "imagenet.json", "bottle-detection.mp4", "openvino/classification", "squeezenet1.1", false)]
    [InlineData("vehicle-detection-adas-0002/v3-FP16/vehicle-detection-adas-0002.xml", "vehicle.json", "car-detection.mp4", "openvino/ssd", "vd-net-caffe", true)]
    public Task Run_PublicModel_SendsTheContract(string model, string labels, string video, string topic, string name, bool isDetection) => AssertContractAsync(
        TestData.Path("models/" + model), TestData.Path("labels/" + labels), TestData.Path("videos/" + video), topic, name, isDetection);

    [Fact]
    public async Task Run_TopicAndNumberOfResultsAreSet_FollowsThem()
    {
        Dictionary<string, string> variables = Variables(DemoFiles.Classifier, await ClipAsync(DemoFiles.Inspection), DemoFiles.ClassifierLabels);
        variables["PARAM_TOPIC_NAME"] = "intel/faas/classification";
        variables["PARAM_NUM_TOP_RESULTS"] = "2";

        ReceivedMessage[] messages = await RunAsync(variables);

        Assert.All(messages, static message => Assert.Equal("intel/faas/classification", message.Topic));
        Assert.All(Reports(messages), static report => Assert.Equal(2, report.RootElement.GetProperty("Candidates").EnumerateObject().Count()));
    }

    private async Task AssertContractAsync(string model, string labels, string video, string topic, string name, bool isDetection)
    {
        string clip = await ClipAsync(video);
        ReceivedMessage[] messages = await RunAsync(Variables(model, clip, labels));
        Dictionary<string, string> exact = Variables(model, clip, labels);
        exact["PARAM_LABELMAP_FILE"] = "";
        exact["EdgeInference__Streams__0__Decimals"] = "9";
        JsonDocument[] expected = Reports(await RunAsync(exact));

        AssertEnvelopes(messages, topic, name);
        string[] payloads = [.. messages.Select(static message => message.Payload)];
        Assert.Equal(["OpenVINO: Initializing...", $"Starting inference on {clip}"], payloads[..2]);
        Assert.Equal(End, payloads[^1]);
        JsonDocument[] reports = Reports(messages);
        Assert.Equal(payloads.Length - 3, reports.Length);
        Assert.Equal(Enumerable.Range(1, reports.Length), reports.Select(static report => report.RootElement.GetProperty("frame_id").GetInt32()));
        Assert.Equal(expected.Length, reports.Length);

        Dictionary<string, string> names = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(labels))!;
        for (int i = 0; i < reports.Length; i++)
            Assert.Equal(Rewrite(expected[i].RootElement, reports[i].RootElement, names, isDetection), payloads[i + 2]);
        Assert.Contains(expected, report => !report.RootElement.EnumerateObject().First().NameEquals("timestamp"));
        AssertTimes(reports);
    }

    private static void AssertEnvelopes(ReceivedMessage[] messages, string topic, string model)
    {
        Assert.All(messages, message => Assert.Equal(topic, message.Topic));
        Assert.All(messages, static message => Assert.True(message.IsText && !message.IsRetained));
        Assert.All(messages, static message => Assert.Equal((string[])["id", "model", "stream"], message.Properties.Keys.Order(StringComparer.Ordinal)));
        Assert.All(messages, message => Assert.Equal(("stream1", model), (message.Properties["stream"], message.Properties["model"])));
        Assert.Equal(messages.Length, messages.Select(static message => Guid.Parse(message.Properties["id"])).Distinct().Count());
    }

    private static void AssertTimes(JsonDocument[] reports)
    {
        string[] times = [.. reports.Select(static report => report.RootElement.GetProperty("timestamp").GetString()!)];
        Assert.All(times, static time => Assert.Matches(Timestamp(), time));
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        double[] rates = [.. reports.Select(static report => report.RootElement.GetProperty("inference_fps").GetDouble())];
        Assert.All(rates, static rate => Assert.True(rate > 0));

        // Not rounded as all else is.
        Assert.Contains(rates, static rate => Math.Abs(rate - Math.Round(rate, 2)) > 1e-9);
    }

    /// <summary>What the sample would have sent: the exact values, rounded and named; time and speed are those of the report.</summary>
    private static string Rewrite(JsonElement exact, JsonElement report, Dictionary<string, string> names, bool isDetection)
    {
        var text = new StringBuilder("{");
        if (isDetection)
            AppendObjects(text, exact, names);
        else
            AppendCandidates(text, exact.GetProperty("Candidates"), names);
        text.Append(CultureInfo.InvariantCulture, $"\"timestamp\":\"{report.GetProperty("timestamp").GetString()}\",");
        text.Append(CultureInfo.InvariantCulture, $"\"frame_id\":{exact.GetProperty("frame_id").GetInt32()},");
        text.Append(CultureInfo.InvariantCulture, $"\"inference_fps\":{Python(report.GetProperty("inference_fps").GetDouble())}}}");
        return text.ToString();
    }

    private static void AppendObjects(StringBuilder text, JsonElement exact, Dictionary<string, string> names)
    {
        int index = 0;
        foreach (JsonElement found in exact.EnumerateObject().Select(static field => field.Value).Where(static value => value.ValueKind == JsonValueKind.Object))
        {
            int label = found.GetProperty("label").GetInt32();
            Assert.Equal($"{label}", found.GetProperty("class").GetString());
            Assert.InRange(found.GetProperty("confidence").GetDouble(), 0.5, 1);
            Assert.True(found.GetProperty("xmin").GetDouble() < found.GetProperty("xmax").GetDouble());
            Assert.True(found.GetProperty("ymin").GetDouble() < found.GetProperty("ymax").GetDouble());
            text.Append(CultureInfo.InvariantCulture, $"\"Object{index++}\":{{\"label\":{label},\"class\":\"{names[$"{label}"]}\"");
            foreach (string field in (string[])["confidence", "xmin", "ymin", "xmax", "ymax"])
                text.Append(CultureInfo.InvariantCulture, $",\"{field}\":{Rounded(found.GetProperty(field))}");
            text.Append("},");
        }
    }

    private static void AppendCandidates(StringBuilder text, JsonElement candidates, Dictionary<string, string> names)
    {
        JsonProperty[] best = [.. candidates.EnumerateObject()];
        Assert.Equal(Math.Min(10, names.Count), best.Length);
        Assert.Equal(best.Select(static candidate => candidate.Value.GetDouble()).OrderDescending(), best.Select(static candidate => candidate.Value.GetDouble()));
        text.Append("\"Candidates\":{")
            .AppendJoin(',', best.Select(candidate => $"\"{names[candidate.Name]}\":{Rounded(candidate.Value)}"))
            .Append("},");
    }

    /// <summary>As decimal fractions, so that a tie is a tie: 0.125 becomes 0.12.</summary>
    private static string Rounded(JsonElement exact) => decimal.Round(
        decimal.Parse(exact.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture), 2, MidpointRounding.ToEven).ToString("0.0#", CultureInfo.InvariantCulture);

    /// <summary>A float as Python's json writes it: shortest, and never without a point.</summary>
    private static string Python(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static Dictionary<string, string> Variables(string model, string source, string labels) => new()
    {
        ["PARAM_MODEL_XML"] = model,
        ["PARAM_INPUT_SOURCE"] = source,
        ["PARAM_DEVICE"] = "CPU",
        ["PARAM_CPU_EXTENSION_PATH"] = CpuExtension,
        ["PARAM_LABELMAP_FILE"] = labels,
        ["PARAM_REPORTING_INTERVAL"] = "0",
    };

    /// <summary>A subscriber's messages from a run until its end.</summary>
    private static async Task<ReceivedMessage[]> RunAsync(Dictionary<string, string> environment)
    {
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        environment["EdgeInference__Mqtt__Host"] = "127.0.0.1";
        environment["EdgeInference__Mqtt__Port"] = $"{broker.Port}";

        ServiceRun run = await ServiceProcess.RunAsync(environment);

        Assert.True(run.ExitCode == 0, run.Log);
        string problem = Assert.Single(run.LogLines, static line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal));
        Assert.Contains($"PARAM_CPU_EXTENSION_PATH={CpuExtension} is ignored", problem, StringComparison.Ordinal);
        await subscriber.WaitAsync(static messages => messages is [.., { Payload: End }]);
        return [.. subscriber.Messages];
    }

    private async Task<string> ClipAsync(string video)
    {
        string clip = _folder.File("clip.mp4");
        await FfmpegTool.MakeAsync("-ss", "5", "-i", video, "-frames:v", "50", "-an", "-c:v", "libx264", "-preset", "ultrafast", clip);
        return clip;
    }

    private static JsonDocument[] Reports(ReceivedMessage[] messages) =>
        [.. messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => JsonDocument.Parse(message.Payload))];

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Timestamp();
}
