using System.Text.Json;
using EdgeInference.Integration.Tests.BadInput;

namespace EdgeInference.Integration.Tests.CommandLine;

public sealed class ModelCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Again_TakesTheModelFromTheCacheAndReportsTheSame()
    {
        var environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = _folder.Path };

        ServiceRun first = await RunAsync(environment);
        ServiceRun second = await RunAsync(environment);

        Assert.Contains(" from its file", first.Log, StringComparison.Ordinal);
        Assert.Contains(" from the cache", second.Log, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.File("edge-inference"), "*.model"));
        Assert.Equal(Candidates(first), Candidates(second));
    }

    [Fact]
    public async Task Run_UnderSystemd_UsesItsCacheDirectory()
    {
        string given = _folder.File("given");

        await RunAsync(new Dictionary<string, string> { ["XDG_CACHE_HOME"] = _folder.Path, ["CACHE_DIRECTORY"] = given + ":/elsewhere" });

        Assert.Single(Directory.GetFiles(given));
        Assert.False(Directory.Exists(_folder.File("edge-inference")));
    }

    [Fact]
    public async Task Run_WithoutCache_KeepsNothing()
    {
        await RunAsync(new Dictionary<string, string> { ["XDG_CACHE_HOME"] = _folder.Path }, "--no-cache");

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Check_CacheIsConfigured_IsUsed()
    {
        var environment = new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = DemoFiles.Classifier,
            ["PARAM_INPUT_SOURCE"] = DemoFiles.Inspection,
            ["EdgeInference__Cache__Directory"] = _folder.File("mine"),
        };

        Assert.Equal(0, (await ServiceProcess.RunAsync(environment, "check")).ExitCode);
        Assert.Single(Directory.GetFiles(_folder.File("mine")));

        environment["EdgeInference__Cache__LimitMegabytes"] = "0";
        Problem.AssertOneLine(await ServiceProcess.RunAsync(environment, "check"), 78, "EdgeInference:Cache:LimitMegabytes", "allowed: 1 to ");
    }

    private static async Task<ServiceRun> RunAsync(Dictionary<string, string> environment, params string[] more)
    {
        ServiceRun run = await ServiceProcess.RunAsync(
            environment, ["run", "--model", DemoFiles.Classifier, "--input", DemoFiles.Inspection, "--interval", "0", "--decimals", "6", "--format", "json", .. more]);
        Assert.True(run.ExitCode == 0, run.Log);
        return run;
    }

    private static string[] Candidates(ServiceRun run) =>
        [.. run.OutputLines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("Candidates").GetRawText())];
}
