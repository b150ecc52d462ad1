using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class GraphBuilderArithmeticTests
{
    private static readonly TensorElementType[] AllTypes =
        [TensorElementType.Float32, TensorElementType.Int64, TensorElementType.Int32, TensorElementType.Int16, TensorElementType.Int8, TensorElementType.UInt8];

    public static TheoryData<string, double[]> Binaries => new()
    {
        { "Add", [10, 6, 5, 12] },
        { "Subtract", [4, 2, 1, 6] },
        { "Multiply", [21, 8, 6, 27] },
        { "Maximum", [7, 4, 3, 9] },
        { "Minimum", [3, 2, 2, 3] },
        { "SquaredDifference", [16, 4, 1, 36] },
        { "Modulo", [1, 0, 1, 0] },
        { "FloorModulo", [1, 0, 1, 0] },
    };

    [Theory]
    [MemberData(nameof(Binaries))]
    public async Task Binary_EveryElementType_IsComputedAlikeByTheEngineAndAtLoad(string operation, double[] expected)
    {
        foreach (TensorElementType type in AllTypes)
        {
            (double[] computed, double[] folded) = await TestGraph.BothAsync(
                type,
                [7, 4, 3, 9],
                (graph, x) => Binary(operation, graph, x, TestGraph.Constant(graph, type, [3, 2, 2, 3], 4)));

            Assert.Equal(expected, computed);
            Assert.Equal(expected, folded);
        }
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 3, 4 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 3, 1 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 1, 1 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 1, 3, 4 })]
    [InlineData(new long[] { 24, 1, 1 }, new long[] { 24, 1, 1 })]
    [InlineData(new long[] { 2, 3, 1, 4 }, new long[] { 3, 5, 1 })]
    [InlineData(new long[] { 1, 24 }, new long[] { 7, 1 })]
    [InlineData(new long[] { 24 }, new long[] { 0, 1 })]
    [InlineData(new long[] { 24 }, new long[0])]
    public async Task Binary_AnyBroadcast_IsComputedAlikeByTheEngineAndAtLoad(long[] first, long[] second)
    {
        double[] numbers = [.. Enumerable.Range(1, 24).Select(static i => (double)i)];
        float[] others = [.. Enumerable.Range(1, (int)Shapes.Count(second)).Select(static i => i * 100f)];
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            TensorElementType.Float32,
            numbers,
            (graph, x) => graph.Subtract(graph.Reshape(x, first), graph.Constant(Constant.Floats(others, second))));

        Assert.Equal(Shapes.Count(Shapes.Broadcast(first, second)), computed.Length);
        Assert.Equal(computed, folded);
    }

    [Theory]
    [InlineData("Divide", TensorElementType.Float32, new[] { -3.5, 3.5, -3.5 })]
    [InlineData("Divide", TensorElementType.Int32, new double[] { -3, 3, -3 })]
    [InlineData("Divide", TensorElementType.Int64, new double[] { -3, 3, -3 })]
    [InlineData("Modulo", TensorElementType.Float32, new double[] { -1, -1, 1 })]
    [InlineData("Modulo", TensorElementType.Int32, new double[] { -1, -1, 1 })]
    [InlineData("Modulo", TensorElementType.Int64, new double[] { -1, -1, 1 })]
    [InlineData("FloorModulo", TensorElementType.Float32, new double[] { 1, -1, -1 })]
    [InlineData("FloorModulo", TensorElementType.Int32, new double[] { 1, -1, -1 })]
    [InlineData("FloorModulo", TensorElementType.Int64, new double[] { 1, -1, -1 })]
    public async Task Division_OfNegativeNumbers_RoundsAndTakesItsSignAsNamed(string operation, TensorElementType type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(
            type,
            [-7, -7, 7],
            (graph, x) => Binary(operation, graph, x, TestGraph.Constant(graph, type, [2, -2, -2], 3)));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData(TensorElementType.Int32, int.MinValue)]
    [InlineData(TensorElementType.Int64, long.MinValue)]
    public async Task Divide_LeastNumberByMinusOne_DoesNotEndTheProcess(TensorElementType type, double least)
    {
        Tensor quotient = await TestGraph.ComputeAsync(
            TestGraph.Numbers(type, [least, 7, -1], 3),
            (graph, x) => graph.Divide(x, graph.Add(graph.Multiply(x, TestGraph.Constant(graph, type, [0, 0, 0], 3)), TestGraph.Constant(graph, type, [-1, -1, 2], 3))));

        Assert.Equal([least, -7, 0], TensorValues.Read(quotient));
    }

    [Theory]
    [InlineData("Abs", new[] { 2.5, 1.5, 0, 0.5 })]
    [InlineData("Neg", new[] { 2.5, 1.5, 0, -0.5 })]
    [InlineData("Sign", new double[] { -1, -1, 0, 1 })]
    [InlineData("Floor", new double[] { -3, -2, 0, 0 })]
    [InlineData("Ceil", new double[] { -2, -1, 0, 1 })]
    [InlineData("Round", new double[] { -2, -2, 0, 0 })]
    public async Task Unary_Floats_AreComputedAlikeByTheEngineAndAtLoad(string operation, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(TensorElementType.Float32, [-2.5, -1.5, 0, 0.5], (graph, x) => graph.Unary(operation, x));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData("Abs", new double[] { 2, 0, 3 })]
    [InlineData("Neg", new double[] { 2, 0, -3 })]
    [InlineData("Sign", new double[] { -1, 0, 1 })]
    [InlineData("Floor", new double[] { -2, 0, 3 })]
    public async Task Unary_WholeNumbers_KeepTheirType(string operation, double[] expected)
    {
        foreach (TensorElementType type in AllTypes.Except([TensorElementType.Float32, TensorElementType.UInt8]))
        {
            (double[] computed, double[] folded) = await TestGraph.BothAsync(type, [-2, 0, 3], (graph, x) => graph.Unary(operation, x));

            Assert.Equal(expected, computed);
            Assert.Equal(expected, folded);
        }
    }

    [Fact]
    public void Unary_SignOfNaN_IsNaN()
    {
        GraphBuilder graph = TestGraph.NewBuilder();

        Assert.Equal([float.NaN], graph.Unary("Sign", graph.Float(float.NaN)).Constant!.ToFloats());
    }

    [Theory]
    [InlineData(TensorElementType.UInt8, new double[] { 0, 0, 2, 255 })]
    [InlineData(TensorElementType.Int8, new double[] { -128, -3, 2, 127 })]
    [InlineData(TensorElementType.Int16, new double[] { -500, -3, 2, 500 })]
    [InlineData(TensorElementType.Int32, new double[] { -500, -3, 2, 500 })]
    [InlineData(TensorElementType.Int64, new double[] { -500, -3, 2, 500 })]
    [InlineData(TensorElementType.Boolean, new double[] { 1, 1, 1, 1 })]
    public async Task Cast_Floats_AreCutTowardsZeroAndHeldToTheRange(TensorElementType type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(TensorElementType.Float32, [-500, -3.75, 2.75, 500], (graph, x) => graph.Cast(x, type));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Theory]
    [InlineData(TensorElementType.Float32, new[] { -1.5, 0, 2.5 })]
    [InlineData(TensorElementType.Int32, new double[] { -1, 0, 2 })]
    [InlineData(TensorElementType.Int64, new double[] { -1, 0, 2 })]
    [InlineData(TensorElementType.Int16, new double[] { -1, 0, 2 })]
    [InlineData(TensorElementType.Int8, new double[] { -1, 0, 2 })]
    public async Task Clip_BoundsBetweenWholeNumbers_HoldsWholeNumbersInside(TensorElementType type, double[] expected)
    {
        (double[] computed, double[] folded) = await TestGraph.BothAsync(type, [-9, 0, 9], static (graph, x) => graph.Clip(x, -1.5, 2.5));

        Assert.Equal(expected, computed);
        Assert.Equal(expected, folded);
    }

    [Fact]
    public async Task Clip_OneBoundOfLargeWholeNumbers_IsExact()
    {
        (double[] computed, _) = await TestGraph.BothAsync(TensorElementType.Int64, [1, 1L << 50], static (graph, x) => graph.Clip(x, (1L << 40) + 1, double.PositiveInfinity));

        Assert.Equal([(1L << 40) + 1, 1L << 50], computed);
    }

    [Fact]
    public void Binary_OperandsThatDoNotFit_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value floats = graph.Input(TensorElementType.Float32, [2, 3]);
        Value ints = graph.Input(TensorElementType.Int32, [2, 3]);

        AssertRefused("operands are of Float32 and Int32", () => graph.Add(floats, ints));
        AssertRefused("shapes [2,3] and [2] cannot be broadcast", () => graph.Add(floats, graph.Constant(Constant.Floats([1, 2], 2))));
        AssertRefused("shapes [2,3] and [0] cannot be broadcast", () => graph.Add(floats, graph.Constant(Constant.Floats([], 0))));
        AssertRefused("it divides whole numbers by zero", () => graph.Divide(ints, graph.Cast(graph.Ints(1, 0, 2), TensorElementType.Int32)));
        AssertRefused("it divides whole numbers by zero", () => graph.Modulo(graph.Ints(1), graph.Ints(0)));
        AssertRefused("Exp of Int32 is not supported", () => graph.Unary("Exp", ints));
        AssertRefused("a slope of shape [4,1,1] does not fit [2,3]", () => graph.PRelu(floats, graph.Constant(Constant.Floats([1, 1, 1, 1], 4, 1, 1))));
    }

    [Fact]
    public void Binary_ConstantBeyondTheBudget_IsRefusedBeforeItIsMade()
    {
        GraphBuilder graph = TestGraph.NewBuilder(constantBudget: 20_000);
        Value column = graph.Constant(Constant.Floats(new float[1000], 1000, 1));
        Value row = graph.Constant(Constant.Floats(new float[1000], 1000));

        Assert.Contains("more memory than any real model", Assert.Throws<LayerException>(() => graph.Add(column, row)).Message);
    }

    private static Value Binary(string operation, GraphBuilder graph, Value first, Value second) => operation switch
    {
        "Add" => graph.Add(first, second),
        "Subtract" => graph.Subtract(first, second),
        "Multiply" => graph.Multiply(first, second),
        "Divide" => graph.Divide(first, second),
        "Maximum" => graph.Binary("Max", first, second),
        "Minimum" => graph.Binary("Min", first, second),
        "SquaredDifference" => graph.SquaredDifference(first, second),
        "Modulo" => graph.Modulo(first, second),
        _ => graph.FloorModulo(first, second),
    };

    private static void AssertRefused(string message, Func<Value> build) =>
        Assert.Equal(message, Assert.Throws<LayerException>(build).Message);

    [Fact]
    public async Task RoundAwayFromZero_AroundHalves_GoesToTheNearest()
    {
        float[] values = [0.49999997f, 0.5f, -0.5f, -1.5f, 2.4f, 8388609];

        Tensor rounded = await TestGraph.ComputeAsync(TestGraph.Floats(values, values.Length), static (graph, x) => graph.RoundAwayFromZero(x));

        Assert.Equal([0, 1, -1, -2, 2, 8388609], rounded.Elements<float>().ToArray());
    }
}
