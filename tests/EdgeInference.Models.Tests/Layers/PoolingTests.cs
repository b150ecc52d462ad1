using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class PoolingTests
{
    [Theory]
    [InlineData("MaxPool:14", "kernel=2 strides=2 pads_begin=0 pads_end=3", new[] { 2, 4, 5, float.MinValue })]
    [InlineData("MaxPool:14", "kernel=2 strides=1 pads_begin=2 pads_end=0 dilations=2", new float[] { 1, 2, 3, 4, 5 })]
    [InlineData("AvgPool:14", "kernel=2 strides=2 pads_begin=0 pads_end=3 exclude-pad=false", new[] { 1.5f, 3.5f, 2.5f, 0 })]
    [InlineData("AvgPool:14", "kernel=2 strides=4 pads_begin=0 pads_end=2 exclude-pad=true", new[] { 1.5f, 5 })]
    [InlineData("AvgPool:1", "kernel=5 strides=1 pads_begin=0 pads_end=0 exclude-pad=true", new float[] { 3 })]
    public async Task Build_OneAxis_GivesWhatTheWindowsSee(string type, string attributes, float[] expected)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(1, 1, 5), (graph, x) => TestLayer.All(graph, type, attributes, [x])[0]);

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("MaxPool:1", "kernel=2 strides=2 pads_begin=0 pads_end=0", new float[] { 0, -1, -3 })]
    [InlineData("MaxPool:1", "kernel=2 strides=2 pads_begin=1 pads_end=1", new float[] { 0, 0, -2, -4 })]
    [InlineData("AvgPool:1", "kernel=2 strides=2 pads_begin=0 pads_end=0 exclude-pad=true", new[] { 0, -1.5f, -3.5f })]
    [InlineData("AvgPool:1", "kernel=2 strides=2 pads_begin=1 pads_end=1 exclude-pad=true", new[] { 0, -0.5f, -2.5f, -4 })]
    public async Task Build_AfterZerosPutAround_CountsThemAsElements(string type, string attributes, float[] expected)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats([-1, -2, -3, -4], 1, 1, 4), (graph, x) =>
            TestLayer.All(graph, type, attributes, [graph.Pad(x, [0, 0, 2], [0, 0, 0], PadMode.Constant)])[0]);

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData(0, new long[] { 4, 5, 10, 11, 16, 17, 22, 23 })]
    [InlineData(1, new long[] { 4, 5, 10, 11, 4, 5, 10, 11 })]
    [InlineData(-2, new long[] { 4, 5, 4, 5, 4, 5, 4, 5 })]
    public async Task Build_MaxPoolIndices_CountFromTheAxis(int axis, long[] expected)
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(2, 2, 3, 2), (graph, x) =>
            TestLayer.All(graph, "MaxPool:8", $"kernel=3,1 strides=1,1 pads_begin=0,0 pads_end=0,0 axis={axis}", [x], [], [])[1]);

        Assert.Equal(expected, result.Elements<long>().ToArray());
    }

    [Fact]
    public void Build_IndicesOfWindowsInThePadding_AreLeftOut()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 1, 5]);

        Assert.Single(TestLayer.All(graph, "MaxPool:8", "kernel=2 strides=2 pads_begin=2 pads_end=0", [x], [], []));
    }

    [Theory]
    [InlineData("AvgPool:14", "kernel=2 strides=2 pads_begin=2 pads_end=0 exclude-pad=true", "a window would lie wholly in the padding, where there is nothing to average")]
    [InlineData("AvgPool:16", "kernel=2 strides=2 pads_begin=0 pads_end=0 dilations=2 exclude-pad=true", "dilations in average pooling are not supported")]
    [InlineData("MaxPool:1", "kernel=2 strides=2 pads_begin=0 pads_end=0 rounding_type=up", "rounding_type 'up' is not known")]
    [InlineData("MaxPool:1", "kernel=2,2 strides=2,2 pads_begin=0,0 pads_end=0,0", "input [1,1,5] does not fit 2 kernel sizes")]
    public void Build_WhatCannotBe_IsRefused(string type, string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 1, 5]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.All(graph, type, attributes, [x])).Message);
    }

    [Fact]
    public void Build_WholeNumbers_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Int32, [1, 1, 5]);

        Assert.Equal("pooling Int32 is not supported", Assert.Throws<LayerException>(() => TestLayer.All(graph, "MaxPool:1", "kernel=2", [x])).Message);
    }

    [Theory]
    [InlineData(new long[] { 7 }, new long[] { 3 })]
    [InlineData(new long[] { 3 }, new long[] { 5 })]
    [InlineData(new long[] { 4, 6 }, new long[] { 2, 3 })]
    [InlineData(new long[] { 5, 6 }, new long[] { 3, 6 })]
    [InlineData(new long[] { 3, 4, 5 }, new long[] { 2, 3, 2 })]
    public async Task Build_AdaptivePool_CoversTheAxesWithWindows(long[] size, long[] wanted)
    {
        Tensor x = TestGraph.Floats(Numbers.Random(5, [2, 2, .. size]), [2, 2, .. size]);

        Tensor means = await TestGraph.ComputeAsync(x, (graph, input) => TestLayer.All(graph, "AdaptiveAvgPool:8", "", [input, graph.Ints(wanted)])[0]);
        Tensor maxima = await TestGraph.ComputeAsync(x, (graph, input) => TestLayer.All(graph, "AdaptiveMaxPool:8", "", [input, graph.Ints(wanted)])[0]);
        Tensor places = await TestGraph.ComputeAsync(x, (graph, input) => TestLayer.All(graph, "AdaptiveMaxPool:8", "index_element_type=i64", [input, graph.Ints(wanted)])[1]);

        float[] values = x.Elements<float>().ToArray();
        int image = (int)Shapes.Count(size);
        int[][] windows = [.. Enumerable.Range(0, (int)Shapes.Count(wanted)).Select(i => Cells(size, wanted, i))];
        var expected = Enumerable.Range(0, 4).SelectMany(channel => windows.Select(cells => (Cells: cells, Values: cells.Select(cell => values[(channel * image) + cell]).ToArray()))).ToArray();
        Numbers.AssertNear([.. expected.Select(static w => w.Values.Average())], means.Elements<float>());
        Numbers.AssertNear([.. expected.Select(static w => w.Values.Max())], maxima.Elements<float>());
        Assert.Equal(expected.Select(static w => (long)w.Cells[Array.IndexOf(w.Values, w.Values.Max())]), places.Elements<long>().ToArray());
    }

    [Fact]
    public void Build_AdaptivePoolOfAnOpenImage_IsRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 1, Shapes.Unknown, 4]);

        Assert.Equal(
            "pooling [1,1,?,4] to [2,2] is not supported",
            Assert.Throws<LayerException>(() => TestLayer.All(graph, "AdaptiveAvgPool:8", "", [x, graph.Ints(2, 2)])).Message);
    }

    /// <summary>The places in the flattened image that the i-th window sees.</summary>
    private static int[] Cells(long[] size, long[] wanted, int window)
    {
        int[] cells = [0];
        for (int axis = 0; axis < size.Length; axis++)
        {
            int i = (int)(window / Shapes.Count(wanted[(axis + 1)..]) % wanted[axis]);
            int start = (int)Math.Floor((double)i * size[axis] / wanted[axis]);
            int end = (int)Math.Ceiling((double)(i + 1) * size[axis] / wanted[axis]);
            cells = [.. cells.SelectMany(cell => Enumerable.Range(start, end - start).Select(at => (cell * (int)size[axis]) + at))];
        }

        return cells;
    }
}
