using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class GraphBuilderPaddingTests
{
    [Theory]
    [InlineData(nameof(PadMode.Constant), 2, 1, new float[] { 9, 9, 1, 2, 3, 9 })]
    [InlineData(nameof(PadMode.Edge), 2, 1, new float[] { 1, 1, 1, 2, 3, 3 })]
    [InlineData(nameof(PadMode.Reflect), 2, 1, new float[] { 3, 2, 1, 2, 3, 2 })]
    [InlineData(nameof(PadMode.Symmetric), 2, 3, new float[] { 2, 1, 1, 2, 3, 3, 2, 1 })]
    [InlineData(nameof(PadMode.Constant), -1, 2, new float[] { 2, 3, 9, 9 })]
    [InlineData(nameof(PadMode.Reflect), -2, 2, new float[] { 3, 2, 1 })]
    [InlineData(nameof(PadMode.Constant), 0, -2, new float[] { 1 })]
    public async Task Pad_Vector_HoldsWhatTheModeSays(string mode, long begin, long end, float[] expected)
    {
        Tensor computed = await TestGraph.ComputeAsync(TestGraph.Count(3), Pad);
        GraphBuilder builder = TestGraph.NewBuilder();
        Value folded = Pad(builder, builder.Constant(Constant.Floats([1, 2, 3], 3)));

        Assert.Equal(expected, computed.Elements<float>().ToArray());
        Assert.Equal(expected, folded.Constant?.ToFloats());

        Value Pad(GraphBuilder graph, Value x) => graph.Pad(x, [begin], [end], Enum.Parse<PadMode>(mode), graph.Float(9));
    }

    [Fact]
    public async Task Pad_SymmetricOnTwoAxes_MirrorsTheCornersToo()
    {
        Tensor computed = await TestGraph.ComputeAsync(TestGraph.Count(2, 2), static (graph, x) => graph.Pad(x, [1, 0], [0, 2], PadMode.Symmetric));

        Assert.Equal([1, 2, 2, 1, 1, 2, 2, 1, 3, 4, 4, 3], computed.Elements<float>().ToArray());
    }

    [Fact]
    public void Pad_OpenBatch_StaysOpen()
    {
        GraphBuilder builder = TestGraph.NewBuilder();
        Value x = builder.Input(TensorElementType.Float32, [Shapes.Unknown, 3]);

        Assert.Equal([Shapes.Unknown, 5], builder.Pad(x, [0, 1], [0, 1], PadMode.Edge).Shape);
        Assert.Contains("not known at load", Assert.Throws<LayerException>(() => builder.Pad(x, [0, 1], [0, 1], PadMode.Symmetric)).Message);
        Assert.Contains("not known at load", Assert.Throws<LayerException>(() => builder.Pad(x, [0, -1], [0, 1], PadMode.Constant)).Message);
    }

    [Theory]
    [InlineData(nameof(PadMode.Reflect), 3, 0, "pads of 3 and 0 (Reflect) are not possible on an axis of 3")]
    [InlineData(nameof(PadMode.Symmetric), 0, 4, "pads of 0 and 4 (Symmetric) are not possible on an axis of 3")]
    [InlineData(nameof(PadMode.Constant), -2, -2, "pads of -2 and -2 (Constant) are not possible on an axis of 3")]
    public void Pad_BeyondTheAxis_IsRefused(string mode, long begin, long end, string message)
    {
        GraphBuilder builder = TestGraph.NewBuilder();
        Value x = builder.Input(TensorElementType.Float32, [3]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => builder.Pad(x, [begin], [end], Enum.Parse<PadMode>(mode))).Message);
    }

    [Fact]
    public void Pad_ConstantBeyondTheBudget_IsRefusedBeforeItIsMade()
    {
        GraphBuilder builder = TestGraph.NewBuilder();
        Value x = builder.Constant(Constant.Floats([1, 2, 3], 3));

        Assert.Throws<LayerException>(() => builder.Pad(x, [1L << 30], [0], PadMode.Edge));
        Assert.Throws<OverflowException>(() => builder.Pad(x, [long.MaxValue], [long.MaxValue], PadMode.Edge));
        Assert.Contains("do not fit", Assert.Throws<LayerException>(() => builder.Pad(x, [1, 1], [0], PadMode.Edge)).Message);
    }
}
