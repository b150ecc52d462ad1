using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class LegacyConvolutionTests
{
    [Theory]
    [InlineData("Convolution", "kernel=2 strides=1 pads_begin=0 pads_end=0 output=1", new float[] { 55, 85, 115, 145 })]
    [InlineData("Deconvolution", "kernel=2 strides=2 pads_begin=0 pads_end=1 output=1", new float[] { 15, 25, 25, 45, 35, 65, 45, 85, 55 })]
    public async Task Build_WeightsAsInputs_AreTaken(string type, string attributes, float[] expected)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(1, 1, 5), (graph, x) =>
            TestLayer.All(graph, type, attributes, [x, graph.Constant(Constant.Floats([10, 20], 2)), graph.Constant(Constant.Floats([5], 1))])[0]);

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("Convolution", "kernel=2 output=4 group=2", "4 outputs and 2 groups do not fit [3] channels")]
    [InlineData("Convolution", "kernel=2 output=4", "its weights are missing")]
    [InlineData("Convolution", "kernel=2 output=4 auto_pad=half", "auto_pad 'HALF' is not known")]
    [InlineData("Convolution", "kernel=2,2 output=4", "input [1,3,5] does not fit 2 kernel sizes")]
    [InlineData("Deconvolution", "kernel=2 output=4 group=3", "4 outputs and 3 groups do not fit [3] channels")]
    [InlineData("Deconvolution", "kernel=2 output=4 auto_pad=half", "auto_pad 'HALF' is not known")]
    [InlineData("Pooling", "kernel=2 pool-method=median", "pool-method 'median' is not known")]
    [InlineData("Pooling", "kernel=2 pool-method=avg strides=8 pads_begin=1", "a window would lie wholly in the padding, where there is nothing to average")]
    public void Build_WhatCannotBe_IsRefused(string type, string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 3, 5]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.All(graph, type, attributes, [x], [1, 3, 2])).Message);
    }

    /// <summary>The divisor counts up to the input's end plus the begin pad.</summary>
    [Theory]
    [InlineData("kernel=3 strides=2 pads_begin=1 pads_end=1 pool-method=avg", 3, new float[] { 1, 3, 3 })]
    [InlineData("kernel=3 strides=2 pads_begin=1 pads_end=2 pool-method=avg exclude-pad=false", 4, new[] { 1, 3, 3, 0f })]
    [InlineData("kernel=3 strides=2 pads_begin=0 pads_end=2 pool-method=avg", 3, new[] { 2, 4, 5f })]
    public async Task Build_AveragePooling_DividesAsCaffeDid(string attributes, long size, float[] expected)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(1, 1, 5), (graph, x) => TestLayer.All(graph, "Pooling", attributes, [x], [1, 1, size])[0]);

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }
}
