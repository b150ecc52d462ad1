using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class ElementwiseTests
{
    [Theory]
    [InlineData("Equal:1", new double[] { 0, 1, 0 })]
    [InlineData("NotEqual:1", new double[] { 1, 0, 1 })]
    [InlineData("GreaterEqual:1", new double[] { 0, 1, 1 })]
    [InlineData("LessEqual:1", new double[] { 1, 1, 0 })]
    [InlineData("Subtract:1", new double[] { -1, 0, 1 })]
    [InlineData("Power:1", new double[] { 1, 4, 9 })]
    [InlineData("Maximum:1", new double[] { 2, 2, 3 })]
    [InlineData("SquaredDifference:1", new double[] { 1, 0, 1 })]
    public async Task Build_TwoOperands_DoWhatTheirTypeSays(string type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(TensorElementType.Float32, [1, 2, 3], (graph, x) => TestLayer.Opset(graph, type, "", x, graph.Float(2)));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData("LogicalAnd:1", new double[] { 0, 1 })]
    [InlineData("BitwiseOr:13", new double[] { 1, 1 })]
    [InlineData("Xor:1", new double[] { 1, 0 })]
    [InlineData("BitwiseNot:13", new double[] { 1, 0 })]
    public async Task Build_TruthValues_DoWhatTheirTypeSays(string type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Boolean,
            [0, 1],
            (graph, x) => TestLayer.Opset(graph, type, "", x, TestGraph.Constant(graph, TensorElementType.Boolean, [1])));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Fact]
    public void Build_BitsOfWholeNumbers_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();

        Assert.Equal("BitwiseAnd of Int64 is not supported", Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "BitwiseAnd:13", "", graph.Ints(1), graph.Ints(3))).Message);
    }

    [Theory]
    [InlineData(1, new long[] { 3 }, new long[] { 3, 1 })]
    [InlineData(0, new long[] { 2, 3 }, new long[] { 2, 3, 1 })]
    [InlineData(2, new long[] { 4, 1, 1 }, new long[] { 4 })]
    [InlineData(-1, new long[] { 3, 4 }, new long[] { 3, 4 })]
    public async Task Build_PaddleBroadcast_LinesTheSecondOperandUpFromTheAxis(int axis, long[] given, long[] meant)
    {
        Tensor x = TestGraph.Count(2, 3, 4);
        float[] numbers = [.. Enumerable.Range(1, (int)Shapes.Count(given)).Select(static i => i * 100f)];
        Tensor paddle = await TestGraph.ComputeAsync(x, (graph, x) =>
            TestLayer.Opset(graph, "Add:1", $"auto_broadcast=pdpd auto_broadcast.auto_broadcast_axis={axis}", x, graph.Constant(Constant.Floats(numbers, given))));
        Tensor numpy = await TestGraph.ComputeAsync(x, (graph, x) => graph.Add(x, graph.Constant(Constant.Floats(numbers, meant))));

        Assert.Equal(numpy.Elements<float>().ToArray(), paddle.Elements<float>().ToArray());
    }

    [Theory]
    [InlineData("auto_broadcast=none", "shapes [2,3,4] and [3] differ")]
    [InlineData("auto_broadcast=sideways", "auto_broadcast 'sideways' is not supported")]
    [InlineData("auto_broadcast=pdpd auto_broadcast.auto_broadcast_axis=3", "shape [3] does not fit [2,3,4] from axis 3")]
    [InlineData("auto_broadcast=pdpd auto_broadcast.auto_broadcast_axis=-2", "shape [3] does not fit [2,3,4] from axis -2")]
    [InlineData("auto_broadcast=pdpd auto_broadcast.auto_broadcast_axis=9223372036854775807", "shape [3] does not fit [2,3,4] from axis 9223372036854775807")]
    public void Build_BroadcastThatIsNotPossible_IsRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [2, 3, 4]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "Add:1", attributes, x, graph.Constant(Constant.Floats([1, 2, 3], 3)))).Message);
    }

    [Theory]
    [InlineData("sum", new double[] { 3, 4, 2 })]
    [InlineData("squared_diff", new double[] { 1, 0, 4 })]
    [InlineData("floor_mod", new double[] { 1, 0, 0 })]
    [InlineData("not_equal", new double[] { 1, 0, 1 })]
    [InlineData("less", new double[] { 1, 0, 1 })]
    [InlineData("greater_equal", new double[] { 0, 1, 0 })]
    [InlineData("logical_and", new double[] { 1, 1, 0 })]
    [InlineData("logical_or", new double[] { 1, 1, 1 })]
    [InlineData("logical_xor", new double[] { 0, 0, 1 })]
    public async Task Build_LegacyEltwise_GivesTruthAsNumbers(string operation, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Float32,
            [1, 2, 0],
            (graph, x) => TestLayer.Legacy(graph, "Eltwise", $"operation={operation}", x, graph.Float(2)));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData("operation=mean", 2, "operation 'mean' is not supported")]
    [InlineData("operation=sub", 3, "sub of 3 inputs is not supported")]
    [InlineData("operation=max coeff=1,2", 2, "2 coefficients do not fit max of 2 inputs")]
    [InlineData("operation=sum coeff=1,2,3", 2, "3 coefficients do not fit sum of 2 inputs")]
    [InlineData("operation=sum", 1, "input 1 is missing")]
    public void Build_LegacyEltwiseThatIsNotPossible_IsRefused(string attributes, int inputs, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value[] operands = [.. Enumerable.Repeat(graph.Input(TensorElementType.Float32, [3]), inputs)];

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Legacy(graph, "Eltwise", attributes, operands)).Message);
    }

    [Fact]
    public async Task Build_LegacyGemm_ScalesBothTermsOfManyMatrices()
    {
        Tensor x = TestGraph.Count(2, 1, 2);
        Tensor y = await TestGraph.ComputeAsync(x, static (graph, x) => TestLayer.Legacy(
            graph,
            "Gemm",
            "alpha=2 beta=0.5 transpose_b=1",
            x,
            graph.Constant(Constant.Floats([1, 10, 100, 1000], 2, 2)),
            graph.Constant(Constant.Floats([2, 4], 2))));

        Assert.Equal([43, 4202, 87, 8602], y.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Build_LegacyFullyConnectedWithWeightsAsInputs_UsesThem()
    {
        Tensor x = TestGraph.Count(2, 1, 2);
        Tensor y = await TestGraph.ComputeAsync(x, static (graph, x) => TestLayer.Legacy(
            graph,
            "FullyConnected",
            "out-size=3",
            [2, 3],
            x,
            graph.Constant(Constant.Floats([1, 0, 0, 1, 10, 100], 3, 2)),
            graph.Constant(Constant.Floats([0.5f, 0, -1], 1, 3))));

        Assert.Equal([1.5f, 2, 209, 3.5f, 4, 429], y.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Build_LegacySelect_TakesAnyNumberButZeroForTrue()
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Float32,
            [-1, 0, 0.5],
            static (graph, x) => TestLayer.Legacy(graph, "Select", "", x, graph.Float(7), graph.Float(8)));

        Assert.Equal([7, 8, 7], computed);
        Assert.Equal([7, 8, 7], folded);
    }

    [Theory]
    [InlineData("auto_broadcast=pdpd", "auto_broadcast 'pdpd' is not supported")]
    [InlineData("auto_broadcast=none", "shapes [3] and [] differ")]
    public void Build_SelectThatIsNotSupported_IsRefused(string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [3]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Opset(graph, "Select:1", attributes, graph.Truth(x), x, graph.Float(1))).Message);
    }

    [Theory]
    [InlineData("ReduceLogSum", 2.70805020110221)]
    [InlineData("ReduceLogSumExp", 9.007620717394474)]
    [InlineData("ReduceL2", 10.04987562112089)]
    [InlineData("ReduceAnd", 1)]
    [InlineData("reduceOR", 1)]
    public async Task Build_LegacyReduction_KeepsTheAxisUnlessToldOtherwise(string type, double expected)
    {
        Tensor x = TestGraph.Floats([2, 9, 4], 1, 3);
        Tensor kept = await TestGraph.ComputeAsync(x, (graph, x) => TestLayer.Legacy(graph, type, "", x, graph.Ints(1)));
        Tensor dropped = await TestGraph.ComputeAsync(x, (graph, x) => TestLayer.Legacy(graph, type, "keep_dims=False", x, graph.Ints(1)));

        Assert.Equal([1, 1], kept.Shape.ToArray());
        Assert.Equal([1], dropped.Shape.ToArray());
        Assert.Equal(expected, kept.Elements<float>()[0], 1e-5);
        Assert.Equal(expected, dropped.Elements<float>()[0], 1e-5);
    }
}
