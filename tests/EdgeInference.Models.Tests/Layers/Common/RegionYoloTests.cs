using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

public sealed class RegionYoloTests
{
    [Fact]
    public async Task Build_NoMask_TakesAllAnchors()
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(new float[12], 1, 12, 1, 1), static (graph, x) =>
            TestLayer.Opset(graph, "RegionYolo:1", "do_softmax=0 num=2 coords=4 classes=1 mask= axis=1 end_axis=3", x));

        Assert.Equal([0.5f, 0.5f, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0.5f, 0.5f], result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("axis=1 end_axis=3", new long[] { 2, 96 })]
    [InlineData("axis=2 end_axis=-1", new long[] { 2, 16, 6 })]
    [InlineData("axis=0 end_axis=0", new long[] { 2, 16, 2, 3 })]
    public void Build_Softmax_FlattensTheAxesNamed(string axes, long[] expected)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 16, 2, 3]);

        Assert.Equal(expected, TestLayer.Opset(graph, "RegionYolo:1", $"do_softmax=true num=2 coords=4 classes=3 {axes}", x).Shape);
    }

    [Theory]
    [InlineData("num=3 coords=4 classes=3", "input [2,16,2,3] does not hold 4 coordinates and 3 classes for each of 3 anchors")]
    [InlineData("num=2 coords=4 classes=3 axis=3 end_axis=1", "axes 3 to 1 cannot be flattened")]
    public void Build_AttributesThatDoNotFit_AreRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 16, 2, 3]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "RegionYolo:1", $"{attributes}", x)).Message);
    }
}
