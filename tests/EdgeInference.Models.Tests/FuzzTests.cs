using System.Globalization;
using EdgeInference.Inference;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.TestSupport;
using Google.Protobuf;
using Xunit.Abstractions;

namespace EdgeInference.Models.Tests;

/// <summary>
/// Damaged files, the same ones in every run: a model comes out or a <see cref="ModelException"/>, nothing else.
/// EDGEINFERENCE_FUZZ_CASES sets how many.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 400;

    [Fact]
    public void Read_DamagedTinyModel_NeverFailsOtherwise()
    {
        using var files = new TinyModel();
        Fuzz(files, [(TinyModel.Text, TinyModel.Weights)]);
    }

    [DataFact]
    public void Read_DamagedSmallNets_NeverFailsOtherwise()
    {
        using var files = new TinyModel();
        Fuzz(files, [.. new[] { "legacy/net_v3_mobilenet_ssd_like", "legacy/detout_v2_centre", "legacy/pool_v2_pooling_data", "modern/net_ssd", "modern/strided_slice_masks", "modern/prior_box8_ssd" }
            .Select(static name => TestData.Path($"ops/{name}"))
            .Select(static folder => (File.ReadAllText(Path.Combine(folder, "model.xml")), File.ReadAllBytes(Path.Combine(folder, "model.bin"))))]);
    }

    [Fact]
    public void Read_DamagedOnnx_NeverFailsOtherwise()
    {
        using var files = new TinyModel();
        byte[] onnx = ModelFile.Read(files.Xml).Onnx.ToArray();
        string path = Path.ChangeExtension(files.Xml, ".onnx");
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < Cases; i++)
        {
            File.WriteAllBytes(path, Damage.Bytes(onnx, random));
            read += TryRead(path, i) ? 1 : 0;
        }

        Report(read);
    }

    [Fact]
    public void Restore_DamagedOutputStage_NeverFailsOtherwise()
    {
        using var files = new TinyModel();
        string path = Path.ChangeExtension(files.Xml, ".onnx");
        ModelProto detector = ModelProto.Parser.ParseFrom(ModelFile.Convert(TestData.InRepository("models/parts-detector/parts-detector.xml")).Onnx.Span);
        detector.Graph.Initializer.Clear();
        detector.Graph.Node.Clear();
        string stage = detector.MetadataProps[0].Value;
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < Cases; i++)
        {
            detector.MetadataProps[0].Value = Damage.Text(stage, random);
            File.WriteAllBytes(path, detector.ToByteArray());
            read += TryRead(path, i) ? 1 : 0;
        }

        Report(read);
    }

    private void Fuzz(TinyModel files, IReadOnlyList<(string Xml, byte[] Bin)> models)
    {
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < Cases; i++)
        {
            (string xml, byte[] bin) = models[i % models.Count];
            File.WriteAllText(files.Xml, Damage.Text(xml, random));
            File.WriteAllBytes(files.Bin, random.Next(4) == 0 ? Damage.Bytes(bin, random) : bin);
            read += TryRead(files.Xml, i) ? 1 : 0;
        }

        Report(read);
    }

    private void Report(int read)
    {
        output.WriteLine($"{Cases} cases: {read} read, {Cases - read} refused.");
        Assert.InRange(read, 1, Cases - 1);
    }

    private static bool TryRead(string path, int number)
    {
        try
        {
            return ModelFile.Read(path).Onnx.Length > 0;
        }
        catch (ModelException)
        {
            return false;
        }
        catch (Exception e)
        {
            Assert.Fail($"Case {number}: {e}");
            throw;
        }
    }
}
