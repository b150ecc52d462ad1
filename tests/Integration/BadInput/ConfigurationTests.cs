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
    [InlineData("PARAM_NUM_TOP_RESULTS", "0", "PARAM_NUM_TOP_RESULTS: ", "'0' is not allowed; allowed: 1 to 1000")]
    [InlineData("PARAM_REPORTING_INTERVAL", "-1", "PARAM_REPORTING_INTERVAL: ", "allowed: 00:00:00 to ")]
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
            ["EdgeInference:Streams:0:Decimals: ", "allowed: 0 to 9"],
            ["EdgeInference:Streams:0:Detection:Threshold: ", "'high'", "a number"],
            ["EdgeInference:Streams:0:Model:Path: ", "required"],
            ["EdgeInference:Streams:0:Source:Input: ", "required"],
            ["PARAM_REPORTING_INTERVAL: ", "'soon'", "seconds"]);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Run_OurSectionIsMisspelt_NamesFileAndSection()
    {
        string file = await WriteAsync("""{ "EdgeInferance": { "Streams": [] } }""");

        Problem.AssertLines(
            await ServiceProcess.RunAsync("run", "--config", file), 78, ["EdgeInference:Streams: ", file, "PARAM_MODEL_XML"], ["EdgeInferance: ", "unknown section", "EdgeInference, Serilog"]);
    }

    [Fact]
    public async Task Run_ConfigurationFileIsAFolder_SaysSo() =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--config", _folder.Path), 78, "--config: ", _folder.Path, "is a folder");

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
        Assert.Contains("2 streams", run.Output, StringComparison.Ordinal);
    }

    /// <summary>A camera may be plugged in later, a disk mounted: what is not there now is no fault.</summary>
    [Fact]
    public async Task Check_WhatIsUsedIsNotThere_WarnsAndIsDone()
    {
        string file = await WriteAsync($$"""
            { "EdgeInference": { "Outbox": { "Directory": "{{_folder.File("outbox")}}" }, "Streams": [
              { "Name": "one", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "/dev/video97" }, "Publishers": {
                "S3": { "Enabled": true, "Bucket": "pictures" }, "LocalJpeg": { "Enabled": true, "Directory": "/proc/pictures" } } },
              { "Name": "two", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" }, "Publishers": {
                "Kinesis": { "Enabled": true, "StreamName": "s", "Region": "eu-west-1" }, "LocalJpeg": { "Enabled": true, "Directory": "{{_folder.File("new/pictures")}}" } } }
            ] } }
            """);

        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", file);

        Problem.AssertLines(run, 0, ["one: Source:Input /dev/video97 is not there now"], ["one: S3 has no region", "AWS_REGION"], ["one: LocalJpeg cannot write to /proc/pictures"]);
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Fact]
    public async Task Check_EveryStreamIsWrong_FindsAllFaultsAtOnce()
    {
        string file = await WriteAsync($$"""
            { "EdgeInference": { "Streams": [
              { "Name": "one", "Model": { "Path": "missing.xml" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" } },
              { "Name": "two", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" }, "LabelMap": "missing.json" },
              { "Name": "three", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" } },
              { "Name": "four", "Model": { "Path": "{{DemoFiles.Detector}}", "Device": "FOO" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" } }
            ] } }
            """);

        ServiceRun run = await ServiceProcess.RunAsync("check", "--config", file);

        Problem.AssertLines(run, 78, ["one: ", "missing.xml"], ["two: ", "missing.json"], ["four: ", "FOO", "CPU"]);
    }

    [Fact]
    public async Task Check_ClassificationOfADetector_SaysSo()
    {
        string file = await WriteAsync($$"""
            { "EdgeInference": { "Streams": [ { "Function": "Classification", "Model": { "Path": "{{DemoFiles.Detector}}" }, "Source": { "Input": "{{DemoFiles.Conveyor}}" } } ] } }
            """);

        Problem.AssertOneLine(await ServiceProcess.RunAsync("check", "--config", file), 78, "stream1: ", "Function is Classification", "detections", "use Detection or Auto");
    }

    private async Task<string> WriteAsync(string json)
    {
        string path = _folder.File("settings.json");
        await File.WriteAllTextAsync(path, json);
        return path;
    }
}
