namespace EdgeInference.Integration.Tests.BadInput;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run --frobnicate", "--frobnicate")]
    [InlineData("fly", "fly")]
    [InlineData("run --format xml", "xml", "text", "json")]
    [InlineData("model run", "--input", "--output-dir", "required")]
    public async Task CommandLine_Wrong_SaysWhereHelpIs(string arguments, params string[] words) =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync(arguments.Split(' ')), 64, [.. words, "edge-inference --help"]);

    [Fact]
    public async Task Run_NoInput_NamesTheFlag() =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--model", DemoFiles.Detector), 78, "--input: ", "video file", "required");

    [Fact]
    public async Task Run_NoModel_NamesTheFlag() =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--input", DemoFiles.Conveyor), 78, "--model: ", ".xml", ".onnx", "required");

    [Fact]
    public async Task Run_NothingConfigured_SaysWhatToSet() =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync(), 78, "EdgeInference:Streams", "PARAM_MODEL_XML", "appsettings.json");

    [Theory]
    [InlineData("PARAM_DEVICE", "FOO", "FOO", "CPU")]
    [InlineData("PARAM_NUM_TOP_RESULTS", "lots", "PARAM_NUM_TOP_RESULTS: ", "'lots'", "a whole number")]
    [InlineData("PARAM_NUM_TOP_RESULTS", "0", "PARAM_NUM_TOP_RESULTS: ", "between 1 and 1000")]
    [InlineData("PARAM_REPORTING_INTERVAL", "-1", "PARAM_REPORTING_INTERVAL: ", "between 00:00:00")]
    [InlineData("PARAM_ENABLE_LOCAL_JPEG_OUTPUT", "perhaps", "PARAM_ENABLE_LOCAL_JPEG_OUTPUT: ", "true or false")]
    [InlineData("PARAM_ENABLE_LOCAL_JPEG_OUTPUT", "true", "PARAM_OUTPUT_DIRECTORY", "required")]
    public async Task Run_VariableOfTheSamplesIsWrong_NamesItAndWhatIsAllowed(string variable, string value, params string[] words)
    {
        ServiceRun run = await ServiceProcess.RunAsync(new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = DemoFiles.Detector,
            ["PARAM_INPUT_SOURCE"] = DemoFiles.Conveyor,
            [variable] = value,
        });

        Problem.AssertOneLine(run, 78, words);
    }

    [Fact]
    public async Task Run_ManyFaults_NamesThemAllAtOnce()
    {
        string file = await WriteAsync("""
            { "EdgeInference": { "Streems": 1, "Streams": [ { "Name": "a b", "Decimals": 77, "Detection": { "Threshold": "high" } } ] } }
            """);

        ServiceRun run = await ServiceProcess.RunAsync(
            new Dictionary<string, string> { ["PARAM_REPORTING_INTERVAL"] = "soon" }, "run", "--config", file);

        Problem.AssertLines(
            run,
            78,
            ["EdgeInference:Streems: ", "unknown key", "Streams"],
            ["EdgeInference:Streams:0:Name: ", "letters"],
            ["EdgeInference:Streams:0:Decimals: ", "between 0 and 9"],
            ["EdgeInference:Streams:0:Detection:Threshold: ", "'high'", "a number"],
            ["EdgeInference:Streams:0:Model:Path: ", "required"],
            ["EdgeInference:Streams:0:Source:Input: ", "required"],
            ["PARAM_REPORTING_INTERVAL: ", "'soon'", "seconds"]);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Run_ConfigurationFileIsMissing_NamesIt() =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--config", _folder.File("missing.json")), 78, "--config: ", "missing.json", "no file");

    [Fact]
    public async Task Run_ConfigurationFileIsNoJson_NamesTheLine()
    {
        string file = await WriteAsync("{\n  \"EdgeInference\": {\n    streams\n}}");

        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--config", file), 78, "settings.json: ", "line 3", "JSON");
    }

    [Fact]
    public async Task Check_GoodConfiguration_IsDone()
    {
        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", "models/demo/appsettings.json");

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Empty(Problem.LinesOf(run));
        Assert.Contains("2 stream(s)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_EveryStreamIsWrong_FindsAllFaultsAtOnce()
    {
        string file = await WriteAsync($$"""
            { "EdgeInference": { "Streams": [
              { "Name": "one", "Model": { "Path": "missing.xml" }, "Source": { "Input": "v.mp4" } },
              { "Name": "two", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "v.mp4" }, "LabelMap": "missing.json" },
              { "Name": "three", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "v.mp4" } },
              { "Name": "four", "Model": { "Path": "{{DemoFiles.Detector}}", "Device": "FOO" }, "Source": { "Input": "v.mp4" } }
            ] } }
            """);

        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", file);

        Problem.AssertLines(run, 78, ["one: ", "missing.xml"], ["two: ", "missing.json"], ["four: ", "FOO", "CPU"]);
    }

    private async Task<string> WriteAsync(string json)
    {
        string path = _folder.File("settings.json");
        await File.WriteAllTextAsync(path, json);
        return path;
    }
}
