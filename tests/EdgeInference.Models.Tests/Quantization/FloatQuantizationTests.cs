using EdgeInference.Models.Graphs;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Tests.Quantization;

public sealed class FloatQuantizationTests
{
    [Theory]
    [InlineData(0f, 2.5f, 0f, 2.5f, 256)]
    [InlineData(-2f, 2f, 0f, 10f, 16)]
    [InlineData(-1f, 1.5f, -1f, 1.5f, 255)]
    [InlineData(1f, -1f, -3f, 3f, 5)]
    [InlineData(0.25f, 0.25f, -1f, 1f, 2)]
    public async Task Run_OneRange_ComputesTheDefinition(float inputLow, float inputHigh, float outputLow, float outputHigh, int levels)
    {
        float[] values = [.. Enumerable.Range(0, 61).Select(static i => (i - 30.3f) * 0.1f)];
        var test = new QuantizedGraph(1, 61);
        test.Graph.AddOutput("y", test.Builder.FakeQuantize(test.Input, new QuantizationRange(One(inputLow), One(inputHigh), One(outputLow), One(outputHigh), levels)));

        FloatQuantization.Run(test.Graph, new LoadBudget(1 << 20, 1 << 20));

        var span = new LevelSpan(inputLow, inputHigh, outputLow, outputHigh, levels);
        AssertClose(Array.ConvertAll(values, span.Apply), await test.RunAsync(values));
    }

    [Fact]
    public async Task Run_RangesOnDifferentAxes_ComputesTheDefinition()
    {
        float[] values = [-3, -1, 0.3f, 0.4f, 1, 3];
        var test = new QuantizedGraph(1, 2, 3);
        test.Graph.AddOutput("y", test.Builder.FakeQuantize(test.Input, new QuantizationRange(
            Constant.Floats([-1, -2], 1, 2, 1), Constant.Floats([1, 2, 3], 3), One(-1), Constant.Floats([1, 2], 2, 1), 16)));

        FloatQuantization.Run(test.Graph, new LoadBudget(1 << 20, 1 << 20));

        float[] expected = [.. values.Select((x, i) => new LevelSpan(i < 3 ? -1 : -2, (i % 3) + 1, -1, i < 3 ? 1 : 2, 16).Apply(x))];
        AssertClose(expected, await test.RunAsync(values));
    }

    private static Constant One(float value) => Constant.Floats([value]);

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
}
