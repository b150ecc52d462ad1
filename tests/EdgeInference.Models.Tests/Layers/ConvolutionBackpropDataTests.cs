using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class ConvolutionBackpropDataTests
{
    /// <summary>The begin and the size are those of the result within what all the kernels cover, or zeros beyond it.</summary>
    [Theory]
    [InlineData("strides=2 pads_begin=1 pads_end=2", null, 1, 6)]
    [InlineData("strides=2 pads_begin=1 pads_end=0 output_padding=1", null, 1, 9)]
    [InlineData("strides=3 pads_begin=1 pads_end=1 output_padding=2", null, 1, 12)]
    [InlineData("strides=2 pads_begin=0 pads_end=0 output_padding=5", null, 0, 14)]
    [InlineData("strides=2 pads_begin=1 pads_end=1 auto_pad=valid", null, 0, 9)]
    [InlineData("strides=2 pads_begin=1 pads_end=1 auto_pad=same_upper", null, 0, 9)]
    [InlineData("strides=2 pads_begin=1 pads_end=0", 12L, 1, 12)]
    [InlineData("strides=2 pads_begin=0 pads_end=0 auto_pad=same_upper", 8L, 1, 8)]
    [InlineData("strides=2 pads_begin=0 pads_end=0 auto_pad=same_lower", 8L, 0, 8)]
    [InlineData("strides=2 pads_begin=0 pads_end=0 auto_pad=same_lower", 11L, 0, 11)]
    [InlineData("strides=2 output_padding=1 auto_pad=same_lower", 8L, 1, 8)]
    [InlineData("strides=1 dilations=3 pads_begin=2 pads_end=1", null, 2, 7)]
    public async Task Build_OneAxis_GivesThePartOfTheWholeResult(string attributes, long? size, int begin, int expectedSize)
    {
        float[] x = Numbers.Random(1, 1, 2, 4);
        float[] weights = Numbers.Random(2, 2, 3, 3);

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(x, 1, 2, 4), (graph, input) =>
        {
            Value[] inputs = [input, graph.Constant(Constant.Floats(weights, 2, 3, 3))];
            return TestLayer.All(graph, "ConvolutionBackpropData:1", attributes, size is { } wanted ? [.. inputs, graph.Ints(wanted)] : inputs)[0];
        });

        Assert.Equal([1, 3, expectedSize], result.Shape.ToArray());
        Numbers.AssertNear(Plain(x, weights, Number("strides"), Number("dilations"), begin, expectedSize), result.Elements<float>());

        int Number(string name) =>
            attributes.Split(' ').Select(static pair => pair.Split('=')).Where(pair => pair[0] == name).Select(static pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(1).Single();
    }

    [Fact]
    public async Task TransposedConvolution_ResultBeyondTheKernels_IsTheBiasThere()
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(1, 1, 2), static (graph, x) =>
        {
            var window = TransposedWindow.Of(new Window([1], [2], [1], [0], [0]), [3]);
            Value weights = graph.Constant(Constant.Floats([10], 1, 1, 1));
            return graph.TransposedConvolution(x, weights, graph.Constant(Constant.Floats([5], 1)), window, groups: 1);
        });

        Assert.Equal([15, 5, 25, 5, 5, 5], result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("strides=2 output_padding=-1", "output padding [?] does not fit 1 kernel sizes")]
    [InlineData("strides=2 output_padding=0,0", "output padding [0,0] does not fit 1 kernel sizes")]
    [InlineData("strides=2 auto_pad=half", "auto_pad 'half' is not known")]
    [InlineData("strides=2 pads_begin=4 pads_end=5", "nothing is left of axis 2 after pads of 4 and 5 are cut off")]
    [InlineData("strides=2,2", "kernel, strides, dilations and pads are not of one length")]
    public void Build_WhatCannotBe_IsRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, 4]);
        Value weights = graph.Constant(Constant.Floats(new float[12], 2, 1, 2, 3));

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.All(graph, "GroupConvolutionBackpropData:1", attributes, [x, weights])).Message);
    }

    [Fact]
    public void Build_WantedSizesOfAnOpenInput_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, Shapes.Unknown]);
        Value weights = graph.Constant(Constant.Floats(new float[18], 2, 3, 3));

        Assert.Equal([1, 3, Shapes.Unknown], TestLayer.All(graph, "ConvolutionBackpropData:1", "strides=2", [x, weights])[0].Shape);
        Assert.Equal(
            "wanted sizes need an input whose sizes are known at load",
            Assert.Throws<LayerException>(() => TestLayer.All(graph, "ConvolutionBackpropData:1", "strides=2", [x, weights, graph.Ints(8)])).Message);
    }

    /// <summary>Two channels of 4 into three, a kernel of 3.</summary>
    private static float[] Plain(float[] x, float[] weights, int stride, int dilation, int begin, int size)
    {
        var result = new float[3 * size];
        for (int input = 0; input < 2; input++)
        {
            for (int output = 0; output < 3; output++)
            {
                for (int at = 0; at < 4; at++)
                {
                    for (int k = 0; k < 3; k++)
                    {
                        int place = (at * stride) + (k * dilation) - begin;
                        if (place >= 0 && place < size)
                            result[(output * size) + place] += x[(input * 4) + at] * weights[(((input * 3) + output) * 3) + k];
                    }
                }
            }
        }

        return result;
    }
}
