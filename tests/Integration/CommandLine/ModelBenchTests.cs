using System.Text.Json;
using EdgeInference.Integration.Tests.BadInput;

namespace EdgeInference.Integration.Tests.CommandLine;

public sealed class ModelBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ModelBench_ThreadsAndRequests_MeasuresEachPair()
    {
        ServiceRun run = await BenchAsync(DemoFiles.Classifier, "--threads", "1,2", "--requests", "1,3", "--format", "json");

        Assert.True(run.ExitCode == 0, run.Log);
        JsonElement[] results = [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];
        Assert.Equal([(1, 1), (1, 3), (2, 1), (2, 3)], results.Select(static r => (r.GetProperty("threads").GetInt32(), r.GetProperty("requests").GetInt32())));
        Assert.All(results, static result =>
        {
            double[] latencies = [.. new[] { "p50", "p95", "p99" }.Select(name => result.GetProperty(name).GetDouble())];
            Assert.True(latencies[0] > 0);
            Assert.Equal(latencies.Order(), latencies);
            Assert.True(result.GetProperty("perSecond").GetDouble() > 0);
            Assert.True(result.GetProperty("inferences").GetInt32() > 0);
        });
    }

    [Fact]
    public async Task ModelBench_Text_IsATable()
    {
        ServiceRun run = await BenchAsync(DemoFiles.Classifier, "--requests", "1");

        Assert.Empty(run.Log);
        Assert.Equal(3, run.OutputLines.Length);
        Assert.StartsWith("parts-classifier: ", run.OutputLines[0], StringComparison.Ordinal);
        Assert.Contains("threads  requests  p50, ms", run.OutputLines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--threads", "0")]
    [InlineData("--requests", "1,x")]
    [InlineData("--seconds", "0")]
    public async Task ModelBench_WrongNumber_IsAWrongCommandLine(string flag, string value) =>
        Problem.AssertOneLine(await ServiceProcess.RunAsync("model", "bench", DemoFiles.Classifier, flag, value), 64, flag);

    [Fact]
    public async Task ModelBench_OpenSizes_SaysHowTheyAreGiven()
    {
        string model = _folder.File("open.xml");
        string xml = await File.ReadAllTextAsync(DemoFiles.Classifier);
        int dimensions = xml.IndexOf("<dim>1</dim>", StringComparison.Ordinal);
        await File.WriteAllTextAsync(model, xml[..dimensions] + "<dim>-1</dim>" + xml[(dimensions + "<dim>1</dim>".Length)..]);
        File.Copy(Path.ChangeExtension(DemoFiles.Classifier, ".bin"), _folder.File("open.bin"));

        Problem.AssertOneLine(await BenchAsync(model), 78, "--shape", "Model:InputShape");
        Assert.Equal(0, (await BenchAsync(model, "--shape", "1,3,128,128")).ExitCode);
    }

    private static Task<ServiceRun> BenchAsync(string model, params string[] more) =>
        ServiceProcess.RunAsync(["model", "bench", model, "--seconds", "0.1", .. more]);
}
