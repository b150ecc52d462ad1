using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Tests.Quantization;

/// <summary>Two quantised convolutions in a row, in float and in whole numbers.</summary>
public sealed class IntegerLayersTests
{
    private const int Channels = 4;
    private const int Size = 6;

    [Fact]
    public void Run_BytesInBytesOutAndWeightsInSteps_BecomesAnIntegerConvolution() =>
        Assert.Equal(new KernelCensus(1, 0, 0, 0), Build(Weights(depthwise: false), 256, integers: true).Count());

    [Fact]
    public void Run_ChannelRangesBeforeADepthwiseConvolution_AreSplitOff() =>
        Assert.Equal(new KernelCensus(1, 0, 0, 0), Build(Weights(depthwise: true), 256, integers: true, depthwise: true, perChannel: true).Count());

    [Fact]
    public void Run_WeightsThatAreNoSteps_StayFloat()
    {
        Constant weights = Weights(depthwise: false).WithSteps(null);

        Assert.Equal(new KernelCensus(0, 1, 0, 0), Build(weights, 256, integers: true).Count());
    }

    [Fact]
    public void Run_WeightsBeyondEightBits_StayFloat()
    {
        Constant weights = Weights(depthwise: false);

        Assert.Equal(new KernelCensus(0, 1, 0, 0), Build(weights.WithSteps(StepSizes.One.Times(Constant.Floats([0.001f]), weights.Shape)), 256, integers: true).Count());
    }

    [Fact]
    public void Run_MoreLevelsThanBytesHave_StaysFloat() =>
        Assert.Equal(new KernelCensus(0, 1, 0, 0), Build(Weights(depthwise: false), 1024, integers: true).Count());

    [Theory]
    [InlineData(256, false, false)]
    [InlineData(255, false, false)]
    [InlineData(16, false, false)]
    [InlineData(256, true, false)]
    [InlineData(256, true, true)]
    public async Task Run_EitherForm_GivesTheSameLevels(int levels, bool depthwise, bool perChannel)
    {
        float[] input = [.. Enumerable.Range(0, Channels * Size * Size).Select(static i => MathF.Sin(i * 0.7f) * 3)];

        float[] floats = await Build(Weights(depthwise), levels, integers: false, depthwise, perChannel).RunAsync(input);
        float[] integers = await Build(Weights(depthwise), levels, integers: true, depthwise, perChannel).RunAsync(input);

        // One level of the output, on few of the values, is what rounding in another order may change.
        float step = 8f / (levels - 1);
        Assert.True(floats.Max() - floats.Min() > 1, "The layer should not be flat.");
        Assert.All(floats.Zip(integers), pair => Assert.Equal(pair.First, pair.Second, step * 1.01));
        Assert.True(floats.Zip(integers).Count(pair => MathF.Abs(pair.First - pair.Second) > step / 2) <= floats.Length / 50, "Too many values are off by a level.");
    }

    /// <summary>x, quantised, convolved with a bias, ReLU, quantised to levels from -4 to 4 of which the negative ones are unused.</summary>
    private static QuantizedGraph Build(Constant weights, int levels, bool integers, bool depthwise = false, bool perChannel = false)
    {
        var test = new QuantizedGraph(1, Channels, Size, Size);
        GraphBuilder graph = test.Builder;
        float half = levels / 2;
        Constant low = Constant.Floats(perChannel ? [0, 0, 0, 0] : [0], perChannel ? [1, Channels, 1, 1] : []);
        Constant high = Constant.Floats(perChannel ? [1, 2, 3, 2.5f] : [2.5f], perChannel ? [1, Channels, 1, 1] : []);
        Value x = graph.FakeQuantize(test.Input, new QuantizationRange(low, high, low, high, levels));
        Value sum = graph.Convolution(x, graph.Constant(weights), null, new Window([3, 3], [1, 1], [1, 1], [1, 1], [1, 1]), depthwise ? Channels : 1);
        sum = graph.Add(sum, test.Floats([0.5f, -0.25f, 1, 0], 1, Channels, 1, 1));
        Constant lowest = Constant.Floats([-4 * half / (levels - 1 - half)]);
        Constant highest = Constant.Floats([4]);
        Value y = graph.FakeQuantize(graph.Unary("Relu", sum), new QuantizationRange(lowest, highest, lowest, highest, levels));
        test.Graph.AddOutput("y", y);
        GraphPasses.Run(test.Graph, OnnxTarget.OnnxRuntime, integers, new LoadBudget(1 << 20, 1 << 20));
        return test;
    }

    /// <summary>Whole numbers from -127 to 127, times a scale for each output.</summary>
    private static Constant Weights(bool depthwise)
    {
        long[] shape = [Channels, depthwise ? 1 : Channels, 3, 3];
        var graph = new QuantizedGraph(1);
        byte[] levels = [.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(static i => (byte)(((i * 89) % 255) - 127))];
        Value weights = graph.Builder.Cast(graph.Builder.Constant(new Constant(TensorElementType.Int8, shape, levels)), TensorElementType.Float32);
        return graph.Builder.Multiply(weights, graph.Floats([0.002f, 0.003f, 0.0015f, 0.001f], Channels, 1, 1, 1)).Constant!;
    }
}
