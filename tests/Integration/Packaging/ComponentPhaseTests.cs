using EdgeInference.Integration.Tests.BadInput;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>What the phases of the Greengrass component do, in the environment that nucleus Lite gives them.</summary>
[Collection(PackagesOnce.Name)]
public sealed class ComponentPhaseTests(Package package) : IDisposable
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _nucleus = new();

    private string Work => Path.Combine(_nucleus.Path, "work", "EdgeInference");

    public void Dispose() => _nucleus.Dispose();

    [Fact]
    public async Task Phases_VariablesOfTheSamples_RunTheDemoInTheWorkFolder()
    {
        var configuration = new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = "models/parts-detector/parts-detector.xml",
            ["PARAM_INPUT_SOURCE"] = "models/demo/conveyor.mp4",
            ["PARAM_ENABLE_LOCAL_JPEG_OUTPUT"] = "true",
        };

        ServiceRun check = await RunAsync("install", configuration);
        ServiceRun run = await RunAsync("run", configuration);

        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Contains($"Reports wait in {Work}", check.Output, StringComparison.Ordinal);
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("End of the input, exiting...", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Log);
        Assert.True(File.Exists(Path.Combine(Work, "outbox.db")));
        string picture = Directory.GetFiles(Path.Combine(Work, "pictures"), "*.jpeg")[0];
        Assert.True(File.GetUnixFileMode(picture).HasFlag(UnixFileMode.OtherRead));
        Assert.Equal(OnlyOwner, File.GetUnixFileMode(Path.Combine(Work, "outbox.db")));
        Assert.All(Directory.GetFiles(Path.Combine(Work, "cache")), static file => Assert.Equal(OnlyOwner, File.GetUnixFileMode(file)));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Work, "cache")));
        Assert.Equal(["work"], Directory.GetDirectories(_nucleus.Path).Select(static path => Path.GetFileName(path)).Where(static name => name != "packages"));
    }

    /// <summary>With all that a shell might take for its own; and what a version that still runs uses stays as it is.</summary>
    [Fact]
    public async Task Install_SeveralStreamsInOneObject_AreCheckedBesideWhatRuns()
    {
        const string Streams = """
            {"EdgeInference":{"Streams":[
                {"Name":"line1","Source":{"Input":"models/demo/conveyor.mp4"},"Model":{"Path":"models/parts-detector/parts-detector.xml"},
                 "TopicName":"line's/\"$HOME\"/\\`id`"},
                {"Name":"line2","Source":{"Input":"models/demo/inspection.mp4"},"Model":{"Path":"own/parts-classifier.xml"}}]}}
            """;
        string running = await ConfigureAsync("what runs");
        Directory.CreateSymbolicLink(Path.Combine(Work, "models"), "/models-of-what-runs");
        Directory.CreateSymbolicLink(Path.Combine(Work, "own"), Path.Combine(package.Folder, "models", "parts-classifier"));

        ServiceRun run = await RunAsync("install", new Dictionary<string, string> { ["Configuration"] = Streams });

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("The configuration is valid: 2 streams.", run.Output, StringComparison.Ordinal);
        string asked = Path.Combine(Work, "check", "configuration", "appsettings.json");
        Assert.Equal(Streams + "\n", await File.ReadAllTextAsync(asked));
        Assert.Equal(OnlyOwner, File.GetUnixFileMode(asked));
        Assert.Equal("what runs", await File.ReadAllTextAsync(running));
        Assert.Equal("/models-of-what-runs", new FileInfo(Path.Combine(Work, "models")).LinkTarget);
    }

    [Fact]
    public async Task Install_PicturesWithAFolderInTheObject_GoThere()
    {
        string folder = Path.Combine(_nucleus.Path, "own");

        ServiceRun run = await RunAsync("install", new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = "models/parts-detector/parts-detector.xml",
            ["PARAM_INPUT_SOURCE"] = "models/demo/conveyor.mp4",
            ["PARAM_ENABLE_LOCAL_JPEG_OUTPUT"] = "true",
            ["Configuration"] = $$$$"""{"EdgeInference":{"Streams":[{"Publishers":{"LocalJpeg":{"Directory":"{{{{folder}}}}"}}}]}}""",
        });

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains($"LocalJpeg to {folder}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_ObjectAndFolder_AreOneTooMany()
    {
        ServiceRun run = await RunAsync("install", new Dictionary<string, string>
        {
            ["Configuration"] = """{"EdgeInference":{}}""",
            ["ConfigurationDirectory"] = _nucleus.Path,
        });

        Problem.AssertLines(run with { Log = run.Output }, 78, ["Configuration and ConfigurationDirectory"]);
    }

    [Fact]
    public async Task Run_ObjectIsEmptyAgain_WhatItWasIsGone()
    {
        string before = await ConfigureAsync("""{"EdgeInference":{"Webhook":"secret"}}""");

        ServiceRun run = await RunAsync("run", []);

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("EdgeInference:Streams", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(before));
    }

    [Fact]
    public async Task Install_NothingConfiguredAndNoFfmpeg_NamesBoth()
    {
        ServiceRun run = await RunAsync("install", [], path: OnlyTheShell());

        Problem.AssertLines(run with { Log = run.Output }, 78, ["ffmpeg: ", "apt-get install ffmpeg"], ["EdgeInference:Streams", "PARAM_MODEL_XML"]);
    }

    /// <summary>As a phase of before has left it.</summary>
    private async Task<string> ConfigureAsync(string configuration)
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(Work, "configuration")).FullName, "appsettings.json");
        await File.WriteAllTextAsync(file, configuration);
        return file;
    }

    /// <summary>A folder for the PATH, with what component.sh needs, but no ffmpeg.</summary>
    private string OnlyTheShell()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_nucleus.Path, "packages", "bin")).FullName;
        foreach (string program in (string[])["sh", "dirname", "mkdir", "mv", "ln", "rm"])
            File.CreateSymbolicLink(Path.Combine(folder, program), Path.Combine("/bin", program));
        return folder;
    }

    /// <summary>Runs a phase of the recipe, with values in the place of the variables and of the configuration's defaults.</summary>
    private Task<ServiceRun> RunAsync(string phase, Dictionary<string, string> configuration, string path = "/usr/bin:/bin")
    {
        Recipe recipe = Recipe.Read(package.RecipeFile);
        string unpacked = Directory.CreateDirectory(Path.Combine(_nucleus.Path, "packages", "unpacked")).FullName;
        if (!Directory.Exists(Path.Combine(unpacked, "edge-inference")))
            Directory.CreateSymbolicLink(Path.Combine(unpacked, "edge-inference"), package.Folder);
        Directory.CreateDirectory(Work);
        var variables = new Dictionary<string, string>
        {
            ["artifacts:decompressedPath"] = unpacked,
            ["artifacts:path"] = "/nowhere",
            ["work:path"] = Work + "/",
            ["configuration:/Configuration"] = "{}",
        };
        foreach ((string key, string value) in recipe.Configuration.Concat(configuration))
            variables[$"configuration:/{key}"] = value;
        return package.RunAsync(new Dictionary<string, string> { ["PATH"] = path }, "/bin/sh", "-c", "umask 022\n" + recipe.Script(phase, variables));
    }
}
