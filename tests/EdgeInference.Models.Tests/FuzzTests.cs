using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.TestSupport;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests;

/// <summary>
/// Damaged files, the same ones in every run: a model comes out or an exception that names the file, nothing else.
/// EDGEINFERENCE_FUZZ_CASES sets how many of each kind. What is alive is counted for the whole process, so nothing runs beside.
/// </summary>
[Trait("Category", "Fuzz")]
[Collection(nameof(FuzzTests)), CollectionDefinition(nameof(FuzzTests), DisableParallelization = true)]
public sealed partial class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-fuzz-");
    private readonly Random _random = new(1);

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 400;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task Read_DamagedTinyModel_KeepsItsPromises() => FuzzAsync([new FuzzSeed(TinyModel.Text, TinyModel.Weights)]);

    [Fact]
    public Task Read_DamagedDemoModels_KeepsItsPromises() => FuzzAsync(FuzzSeeds.Demo);

    [DataFact]
    public Task Read_DamagedNets_KeepsItsPromises() => FuzzAsync(FuzzSeeds.Nets());

    [DataFact]
    public Task Read_DamagedRealModels_KeepsItsPromises() => FuzzAsync(FuzzSeeds.Real());

    [Fact]
    public async Task Read_DamagedOnnx_KeepsItsPromises()
    {
        string seed = Path.Combine(_folder.FullName, "seed.xml");
        byte[][] models = [.. FuzzSeeds.Demo.Append(new FuzzSeed(TinyModel.Text, TinyModel.Weights)).Select(files =>
        {
            File.WriteAllText(seed, files.Xml);
            File.WriteAllBytes(Path.ChangeExtension(seed, ".bin"), files.Bin);
            return ModelFile.Read(seed).Onnx.ToArray();
        })];
        var run = new FuzzRun();
        int at = 0;
        await run.RunAsync(Cases, () =>
        {
            string onnx = Path.Combine(_folder.FullName, "damaged.onnx");
            File.WriteAllBytes(onnx, Damage.Bytes(models[at++ % models.Length], _random));
            return onnx;
        });
        Report(run);
    }

    private async Task FuzzAsync(IReadOnlyList<FuzzSeed> seeds)
    {
        string[] types = [.. seeds.SelectMany(static seed => TypePattern().Matches(seed.Xml)).Select(static match => match.Value).Distinct(StringComparer.Ordinal)];
        var run = new FuzzRun();
        int at = 0;
        await run.RunAsync(Cases, () =>
        {
            FuzzSeed seed = seeds[at++ % seeds.Count];
            string xml = Path.Combine(_folder.FullName, "damaged.xml");
            File.WriteAllText(xml, Damage.Text(seed.Xml, types, _random));
            File.WriteAllBytes(Path.ChangeExtension(xml, ".bin"), _random.Next(4) == 0 ? Damage.Bytes(seed.Bin, _random) : seed.Bin);
            return xml;
        });
        Report(run);
    }

    private void Report(FuzzRun run)
    {
        output.WriteLine($"{Cases} cases: {run.Read} read, {Cases - run.Read} refused; of {run.Loaded + run.LoadRefused} given to ONNX Runtime {run.LoadRefused} were refused there; {run.MostAllocated:P0} of the memory allowed.");
        Assert.InRange(run.Read, 1, Cases - 1);
    }

    [GeneratedRegex(@"(?<=<layer\b[^>]*\btype="")[^""]*(?="")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TypePattern();
}
