using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

public sealed class InterpolateTests
{
    /// <summary>Where a position falls on a whole number the engines' single precision decides: it must be ours.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(49)]
    public async Task Build_NearestToEverySize_RoundsInSinglePrecision(int size)
    {
        long[] newSizes = [.. Enumerable.Range(1, 100).Where(newSize => newSize != size)];
        float[] expected = [.. newSizes.SelectMany(newSize => Enumerable.Range(0, (int)newSize).Select(i => 1 + MathF.Min(MathF.Floor(i / ((float)newSize / size)), size - 1)))];

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Count(1, 1, 1, size), (graph, x) => graph.Concat(
            [
                .. newSizes.Select(newSize => TestLayer.Opset(
                    graph, "Interpolate:11", "mode=nearest nearest_mode=floor coordinate_transformation_mode=asymmetric shape_calculation_mode=sizes", x, graph.Ints(newSize), graph.Ints(3))),
            ],
            axis: 3));

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData(TensorElementType.UInt8, 3)]
    [InlineData(TensorElementType.UInt8, 2)]
    [InlineData(TensorElementType.Int64, 2)]
    [InlineData(TensorElementType.Boolean, 3)]
    public async Task Build_NearestOfOtherTypes_KeepsTheType(TensorElementType type, int times)
    {
        var input = new Tensor(type, 1, 1, 1, 2);
        input.Bytes[0] = 1;
        Tensor result = await TestInterpolate.Compute(input, "mode=nearest", [3], [2 * times]);

        Assert.Equal(type, result.ElementType);
        Assert.Equal([.. Enumerable.Repeat(1d, times), .. Enumerable.Repeat(0d, times)], TensorValues.Read(result));
    }

    [Theory]
    [InlineData("round_prefer_floor", new float[] { 1, 2, 4 })]
    [InlineData("round_prefer_ceil", new float[] { 1, 3, 4 })]
    [InlineData("floor", new float[] { 1, 2, 4 })]
    [InlineData("ceil", new float[] { 1, 3, 4 })]
    [InlineData("simple", new float[] { 1, 3, 4 })]
    public async Task Build_NearestHalfway_RoundsAsTheModeSays(string mode, float[] expected)
    {
        Tensor result = await TestInterpolate.Compute(TestGraph.Count(1, 1, 1, 4), $"mode=nearest nearest_mode={mode} coordinate_transformation_mode=align_corners", [3], [3]);

        Assert.Equal(expected, result.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("nearest", 2.2f, 11)]
    [InlineData("linear", 2.3f, 11)]
    [InlineData("linear", 0.55f, 2)]
    [InlineData("cubic", 2.3f, 11)]
    public async Task Build_Scales_RoundTheSizeDownButKeepThePositions(string mode, float scale, int newSize)
    {
        Tensor input = TestGraph.Count(1, 2, 3, 5);
        Tensor expected = PlainResize.Along(input, 3, newSize, (index, line) =>
        {
            double position = PlainResize.Position("half_pixel", index, line.Length, newSize, scale);
            return mode switch
            {
                "nearest" => line[Math.Clamp((int)Math.Round(position), 0, 4)],
                "linear" => PlainResize.Linear(position, line),
                _ => PlainResize.Cubic(position, line, -0.75),
            };
        });

        Tensor result = await TestGraph.ComputeAsync(input, (graph, x) => TestLayer.Opset(
            graph, "Interpolate:11", $"mode={mode} shape_calculation_mode=scales", x, graph.Constant(Constant.Floats([scale], 1)), graph.Ints(3)));

        TestInterpolate.AssertSame(expected, result);
    }

    [Fact]
    public async Task Build_ShrinkingPillow_WidensTheFilter()
    {
        Tensor result = await TestInterpolate.Compute(TestGraph.Floats([8, 0, 0, 0, 0, 0, 0, 8], 1, 1, 1, 8), "mode=bilinear_pillow", [3], [2]);

        // Centres 1.5 and 5.5, distances 1.5, 0.5, 0.5, 1.5, 2.5, 3.5 of 4 elements: weights 5, 7, 7, 5, 3, 1 of 28.
        Assert.All(result.Elements<float>().ToArray(), static value => Assert.Equal(8 * 5 / 28f, value, 1e-5));
    }

    [Fact]
    public async Task Build_FirstVersionLinear_IsHalfPixelOnlyAwayFromImages()
    {
        float[] image = await FirstVersion(TestGraph.Count(1, 1, 1, 2), "axes=2,3", [1, 4]);
        float[] line = await FirstVersion(TestGraph.Count(1, 1, 2), "axes=2", [4]);

        Assert.Equal([1, 1.5f, 2, 2], image);
        Assert.Equal([1, 1.25f, 1.75f, 2], line);

        static async Task<float[]> FirstVersion(Tensor input, string axes, long[] sizes)
        {
            Tensor result = await TestGraph.ComputeAsync(input, (graph, x) => TestLayer.Opset(graph, "Interpolate:1", $"mode=linear align_corners=false {axes}", x, graph.Ints(sizes)));
            return result.Elements<float>().ToArray();
        }
    }

    [Fact]
    public async Task Build_LinearBytes_RoundsToBytes()
    {
        var input = new Tensor(TensorElementType.UInt8, 1, 1, 1, 2);
        input.Elements<byte>()[1] = 255;
        Tensor result = await TestInterpolate.Compute(input, "mode=linear coordinate_transformation_mode=align_corners", [3], [4]);

        Assert.Equal([0, 85, 170, 255], result.Elements<byte>().ToArray());
    }

    [Fact]
    public void Build_WholeRepetition_IsOneResizeWithWholeScales()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [Shapes.Unknown, 2, 4, 5]);
        Value y = TestLayer.Opset(graph, "Interpolate:4", "mode=nearest shape_calculation_mode=sizes", x, graph.Ints(8, 15), graph.Constant(Constant.Floats([9, 9], 2)), graph.Ints(-2, -1));

        Assert.Equal([Shapes.Unknown, 2, 8, 15], y.Shape);
        Node node = Assert.Single(graph.Graph.Nodes);
        Assert.Equal("Resize", node.Operation);
        Assert.Equal([1, 1, 2, 3], node.Inputs[2]!.Constant!.ToFloats());
    }

    [Theory]
    [InlineData("mode=nearest coordinate_transformation_mode=asymmetric", 8)]
    [InlineData("mode=nearest", 7)]
    [InlineData("mode=linear", 8)]
    [InlineData("mode=linear", 7)]
    [InlineData("mode=linear coordinate_transformation_mode=tf_half_pixel_for_nn", 7)]
    [InlineData("mode=cubic", 7)]
    public async Task Build_OpenBatch_GivesTheSameAsAKnownOne(string attributes, long height)
    {
        Tensor input = TestGraph.Count(2, 3, 4, 5);
        Tensor known = await TestInterpolate.Compute(input, attributes, [2, 3], [height, 6]);
        Tensor open = await TestGraph.ComputeAsync(
            input,
            (graph, x) => TestLayer.Opset(graph, "Interpolate:11", $"shape_calculation_mode=sizes {attributes}", x, graph.Ints(height, 6), graph.Ints(2, 3)),
            openBatch: true);

        TestInterpolate.AssertSame(known, open);
    }

    [Fact]
    public void Build_ScalesOfAllAxes_LeavesOpenOnesAlone()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [Shapes.Unknown, 2, 4, 5]);
        Value scales = graph.Constant(Constant.Floats([1, 1, 2, 0.5f], 4));

        Assert.Equal([Shapes.Unknown, 2, 8, 2], TestLayer.Opset(graph, "Interpolate:11", "mode=linear shape_calculation_mode=scales", x, scales).Shape);
        Assert.Equal(
            "axis 3 of size 5 cannot be scaled by NaN",
            Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "Interpolate:11", "mode=linear shape_calculation_mode=scales", x, graph.Constant(Constant.Floats([float.NaN], 1)), graph.Ints(3))).Message);
    }

    [Theory]
    [InlineData("mode=area", "mode 'area' is not known")]
    [InlineData("mode=nearest nearest_mode=up", "nearest_mode 'up' is not known")]
    [InlineData("mode=linear coordinate_transformation_mode=none", "coordinate_transformation_mode 'none' is not known")]
    public void Build_UnknownAttribute_IsRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, 4, 5]);

        Assert.Equal(message, Refusal(graph, attributes, x, graph.Ints(8, 10), graph.Ints(2, 3)));
    }

    [Fact]
    public void Build_SizesThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value image = graph.Input(TensorElementType.Float32, [1, 2, 4, Shapes.Unknown]);

        Assert.Equal("resizing axis 3, whose size is not known at load, is not supported", Refusal(graph, "mode=linear", image, graph.Ints(8), graph.Ints(3)));
        Assert.Equal("axis 2 of size 4 cannot be resized to 0", Refusal(graph, "mode=linear", image, graph.Ints(0), graph.Ints(2)));
        Assert.Equal("axis 2 of size 4 cannot be resized to 1099511627776", Refusal(graph, "mode=nearest", image, graph.Ints(1L << 40), graph.Ints(2)));
        Assert.Equal("1 sizes or scales do not fit axes 2,3", Refusal(graph, "mode=linear", image, graph.Ints(8), graph.Ints(2, 3)));
        Assert.Equal("2 sizes or scales do not fit axes 2,2", Refusal(graph, "mode=linear", image, graph.Ints(8, 8), graph.Ints(2, -2)));
        Assert.Contains("more memory than any real model", Refusal(graph, "mode=cubic", image, graph.Ints(1 << 20), graph.Ints(2)));
        Value whole = graph.Cast(image, TensorElementType.Int32);
        Assert.Equal("interpolating between elements of Int32 is not supported", Refusal(graph, "mode=linear", whole, graph.Ints(8), graph.Ints(2)));
    }

    private static string Refusal(GraphBuilder graph, string attributes, params Value[] inputs) =>
        Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "Interpolate:11", $"shape_calculation_mode=sizes {attributes}", inputs)).Message;
}
