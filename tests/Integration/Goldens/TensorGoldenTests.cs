using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Goldens;

/// <summary>Raw tensors in and out, against what the real engines answered (golden/tensors.json).</summary>
public sealed class TensorGoldenTests : IDisposable
{
    private const double Reported = 0.3;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => [.. GoldenModels.All];

    public void Dispose() => _folder.Dispose();

    [DataTheory]
    [MemberData(nameof(Models))]
    public async Task ModelRun_RecordedInput_GivesTheRecordedOutputs(string model)
    {
        GoldenTolerance tolerance = GoldenTolerance.For(model);
        using JsonDocument goldens = JsonDocument.Parse(await File.ReadAllBytesAsync(TestData.Path("golden/tensors.json")));
        int compared = 0;
        foreach (JsonElement golden in goldens.RootElement.EnumerateArray().Where(golden => golden.GetProperty("model").GetString() == model))
        {
            string input = TestData.Path("golden/" + golden.GetProperty("input").GetString());

            ServiceRun run = await ServiceProcess.RunAsync("model", "run", TestData.Path(model), "--input", input, "--output-dir", _folder.Path);

            Assert.True(run.ExitCode == 0, run.Log);
            foreach (JsonProperty output in golden.GetProperty("outputs").EnumerateObject())
            {
                Tensor expected = NpyFile.Read(TestData.Path("golden/" + output.Value.GetString()));
                Tensor actual = NpyFile.Read(_folder.File(output.Name + ".npy"));
                if (expected.Shape.Length == 4 && expected.Shape[3] == 7)
                    AssertSameDetections(expected, actual, tolerance);
                else
                    AssertClose(expected, actual, tolerance);
                compared++;
            }
        }

        Assert.True(compared > 0, "Nothing was compared.");
    }

    private static void AssertClose(Tensor expected, Tensor actual, GoldenTolerance tolerance)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        ReadOnlySpan<float> wanted = expected.Elements<float>(), got = actual.Elements<float>();
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - got[i]) <= Math.Max(tolerance.Score, tolerance.RelativeScore * Math.Abs(wanted[i])), $"element {i}: expected {wanted[i]}, got {got[i]}");
    }

    /// <summary>The same set of objects above 0.3, whatever the order of near-equal scores.</summary>
    private static void AssertSameDetections(Tensor expected, Tensor actual, GoldenTolerance tolerance)
    {
        List<GoldenObject> wanted = Rows(expected), got = Rows(actual);
        Assert.NotEmpty(wanted);
        foreach (GoldenObject row in wanted.Where(row => row.Confidence > Reported + Slack(row)))
        {
            GoldenObject? match = row.BestMatch(got);
            Assert.NotNull(match);
            Assert.InRange(match.Confidence, row.Confidence - Slack(row), row.Confidence + Slack(row));
            for (int i = 0; i < 4; i++)
                Assert.InRange(match.Box[i], row.Box[i] - tolerance.Box, row.Box[i] + tolerance.Box);
        }

        Assert.All(got.Where(row => row.Confidence > Reported + Slack(row)), row => Assert.Contains(wanted, other => Near(row, other)));

        double Slack(GoldenObject row) => Math.Max(tolerance.Score, tolerance.RelativeScore * row.Confidence);

        bool Near(GoldenObject row, GoldenObject other) =>
            row.Label == other.Label && row.Box.Zip(other.Box).All(edge => Math.Abs(edge.First - edge.Second) <= tolerance.Box);
    }

    private static List<GoldenObject> Rows(Tensor tensor)
    {
        List<GoldenObject> rows = [];
        ReadOnlySpan<float> values = tensor.Elements<float>();
        for (int i = 0; i + 7 <= values.Length && values[i] >= 0; i += 7)
            rows.Add(new GoldenObject((int)values[i + 1], values[i + 2], [values[i + 3], values[i + 4], values[i + 5], values[i + 6]]));
        return rows;
    }
}
