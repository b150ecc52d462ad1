using System.Text.RegularExpressions;

namespace EdgeInference.Integration.Tests.Samples;

/// <summary>Whoever ran one of the Python samples keeps the environment variables, and gets what they gave.</summary>
public sealed partial class ParamVariablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnlyVariablesOfTheSamples_WritesTheirPictures()
    {
        ServiceRun run = await ServiceProcess.RunAsync(new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = DemoFiles.Detector,
            ["PARAM_INPUT_SOURCE"] = DemoFiles.Conveyor,
            ["PARAM_DEVICE"] = "CPU",
            ["PARAM_CPU_EXTENSION_PATH"] = "/usr/lib64/libcpu_extension.so",
            ["PARAM_LABELMAP_FILE"] = DemoFiles.DetectorLabels,
            ["PARAM_OUTPUT_DIRECTORY"] = _folder.Path,
            ["PARAM_ENABLE_LOCAL_JPEG_OUTPUT"] = "true",
            ["PARAM_ENABLE_KINESIS_OUTPUT"] = "false",
            ["PARAM_REPORTING_INTERVAL"] = "0.1",
        });

        Assert.True(run.ExitCode == 0, run.Log);
        string warning = Assert.Single(run.LogLines, static line => line.Contains(" WRN ", StringComparison.Ordinal));
        Assert.Contains("PARAM_CPU_EXTENSION_PATH=/usr/lib64/libcpu_extension.so is ignored", warning, StringComparison.Ordinal);
        int reports = run.LogLines.Count(static line => line.Contains(": frame ", StringComparison.Ordinal));
        Assert.True(reports > 1, run.Log);
        string[] pictures = Directory.GetFiles(_folder.Path, "*.jpeg");
        Assert.Equal(reports, pictures.Length);
        Assert.All(pictures, static picture => Assert.Matches(TimestampName(), Path.GetFileName(picture)));
        foreach (string picture in pictures.Order(StringComparer.Ordinal).Take(3))
            Assert.Equal("mjpeg,640,360", await FfmpegTool.DescribeAsync(picture));
    }

    [Fact]
    public async Task Run_Classifier_FollowsTheModelAndReportsTheBestClasses()
    {
        ServiceRun run = await ServiceProcess.RunAsync(new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = DemoFiles.Classifier,
            ["PARAM_INPUT_SOURCE"] = DemoFiles.Inspection,
            ["PARAM_LABELMAP_FILE"] = DemoFiles.ClassifierLabels,
            ["PARAM_NUM_TOP_RESULTS"] = "1",
        });

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("function classification", run.Log, StringComparison.Ordinal);
        Assert.Contains($"Starting inference on {DemoFiles.Inspection}", run.Log, StringComparison.Ordinal);
        Assert.Contains("End of the input, exiting...", run.Log, StringComparison.Ordinal);
        Assert.Matches(OneClass(), run.Log);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}\.jpeg$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TimestampName();

    [GeneratedRegex(@": frame \d+: [a-z ]+ [01]\.\d\d \(", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OneClass();
}
