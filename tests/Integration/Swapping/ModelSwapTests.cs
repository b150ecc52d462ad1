using System.Text.Json;
using EdgeInference.Integration.Tests.Publishing;

namespace EdgeInference.Integration.Tests.Swapping;

/// <summary>Model files are replaced under the running program, beside a stream whose files stay.</summary>
public sealed class ModelSwapTests : IDisposable
{
    private const string Swapped = "swapped";

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _lateFolder = new();

    /// <summary>When the new model's reports have come.</summary>
    private readonly TaskCompletionSource _isNew = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _folder.Dispose();
        _lateFolder.Dispose();
    }

    [Fact]
    public async Task Run_ModelFilesAreReplaced_BadOnesAreRefusedAndAGoodOneTakesOverWithoutAGap()
    {
        var versions = new ModelVersions(_folder);
        var late = new ModelVersions(_lateFolder);
        versions.CopyOriginal();
        string settings = await WriteSettingsAsync(versions, late.Path);
        await using RunningService service = RunningService.Start("run", "--config", settings);
        Task<List<Report>> reading = ReadAsync(service);
        await service.WaitForLogAsync($"{Swapped}: model parts-classifier ");

        versions.CopyNaN();
        late.CopyOriginal();
        string refusedForNaN = await service.WaitForLogAsync("the new model is refused");
        versions.CopyGarbage();
        string refusedAsGarbage = await service.WaitForLogAsync("the new model is refused");
        versions.CopyOtherKind();
        string refusedAsOther = await service.WaitForLogAsync("the new model is refused");
        versions.MoveVersion2();
        string swapped = await service.WaitForLogAsync("takes the place of");
        await _isNew.Task.WaitAsync(TimeSpan.FromMinutes(1));

        // Changed in the configuration, it is the same.
        File.Move(await WriteSettingsAsync(versions, DemoFiles.Classifier), settings, overwrite: true);
        string configured = await service.WaitForLogAsync("takes the place of");
        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
        List<Report> reports = await reading;

        Assert.Contains($"{Swapped}: the new model is refused: parts-classifier (IR v11, FP16): 6 of 6 values of its output 0 are NaN or infinite; parts-classifier stays in use", refusedForNaN, StringComparison.Ordinal);
        Assert.Contains($"{Swapped}: the new model is refused: {versions.Path}: not well-formed XML", refusedAsGarbage, StringComparison.Ordinal);
        Assert.Contains($"{Swapped}: the new model is refused: parts-detector (IR v11, FP16): it is for detection, and the stream is for classification", refusedAsOther, StringComparison.Ordinal);
        Assert.Contains($"{Swapped}: model parts-classifier-2 (IR v11, FP16) takes the place of parts-classifier, after 5 frames on trial: ", swapped, StringComparison.Ordinal);

        Assert.Contains("late: model parts-classifier (IR v11, FP16) takes the place of parts-classifier, ", configured, StringComparison.Ordinal);
        Assert.Contains("late: its model is configured otherwise now (Model:Path): that is loaded beside the model in use", service.Log, StringComparison.Ordinal);
        Assert.Contains("late: model parts-classifier (IR v11, FP16), function classification, on ONNX Runtime", service.Log, StringComparison.Ordinal);

        // One line for each, and the stream that had no model.
        string[] problems = [.. service.LogLines.Where(static line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal))];
        Assert.True(problems.Length == 4, service.Log);
        Assert.Contains("late: the files of its model have changed: it starts again", service.Log, StringComparison.Ordinal);
        Assert.Contains(reports, static report => report.Stream == "late");

        // Every frame from the first to the last, each by the old model until one is by the new one.
        Report[] own = [.. reports.Where(static report => report.Stream == Swapped)];
        Assert.Equal(Enumerable.Range(1, own.Length).Select(static frame => (long)frame), own.Select(static report => report.Frame));
        int last = Array.FindLastIndex(own, static report => report.Model == "parts-classifier");
        Assert.All(own[(last + 1)..], static report => Assert.Equal(("parts-classifier-2", "5"), (report.Model, report.Best)));
        Assert.All(own[..last], static report => Assert.Equal("parts-classifier", report.Model));
        Assert.Contains(own[..last], static report => report.Best != "5");

        // The source kept its pace: had it stood still, the other one would be ahead.
        long[] ahead = [AheadOfControl(reports, 0.1), AheadOfControl(reports, 1)];
        Assert.InRange(ahead[1] - ahead[0], -25, 25);
    }

    private Task<string> WriteSettingsAsync(ModelVersions versions, string latePath) => Settings.WriteAsync(_folder, new
    {
        Streams = new[] { Stream(Swapped, versions.Path), Stream("late", latePath), Stream(Settings.Control, DemoFiles.Classifier) },
    });

    private async Task<List<Report>> ReadAsync(RunningService service)
    {
        List<Report> reports = [];
        int isNew = 0;
        while (await service.ReadOutputAsync() is { } line)
        {
            Report report = Report.Of(line);
            reports.Add(report);
            if (report.Model == "parts-classifier-2" && ++isNew == 20)
                _isNew.TrySetResult();
        }

        return reports;
    }

    /// <summary>How many frames the stream is ahead after a part of all reports.</summary>
    private static long AheadOfControl(List<Report> reports, double part)
    {
        IEnumerable<Report> until = reports.Take((int)(part * reports.Count));
        return until.Last(static report => report.Stream == Swapped).Frame - until.Last(static report => report.Stream == Settings.Control).Frame;
    }

    private static Dictionary<string, object> Stream(string name, string model)
    {
        Dictionary<string, object> stream = Settings.ControlStream();
        stream["Name"] = name;
        stream["Model"] = new { Path = model };
        stream["ReportingInterval"] = "0s";
        return stream;
    }

    private sealed record Report(string Stream, string Model, long Frame, string Best)
    {
        public static Report Of(string line)
        {
            JsonElement report = JsonDocument.Parse(line).RootElement;
            return new Report(
                report.GetProperty("stream").GetString()!,
                report.GetProperty("model").GetString()!,
                report.GetProperty("frame_id").GetInt64(),
                report.GetProperty("Candidates").EnumerateObject().First().Name);
        }
    }
}
