using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class ActivationTests
{
    private static readonly double[] Points = [-6, -2.5, -1, -0.25, 0, 0.5, 1.5, 3, 7];

    public static TheoryData<string, string, Func<double, double>> Opset => new()
    {
        { "Gelu:2", "", static x => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))) },
        { "Gelu:7", "approximation_mode=TANH", static x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) },
        { "HSigmoid:5", "", static x => Math.Clamp(x + 3, 0, 6) / 6 },
        { "HSwish:4", "", static x => x * Math.Clamp(x + 3, 0, 6) / 6 },
        { "Mish:4", "", static x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))) },
        { "SoftPlus:4", "", static x => Math.Log(1 + Math.Exp(x)) },
        { "SoftSign:9", "", static x => x / (1 + Math.Abs(x)) },
        { "Swish:4", "", static x => x / (1 + Math.Exp(-x)) },
        { "Elu:1", "alpha=1.5", static x => x < 0 ? 1.5 * (Math.Exp(x) - 1) : x },
        { "Clamp:1", "min=-inf max=1.25", static x => Math.Min(x, 1.25) },
        { "Clamp:1", "min=-0.5 max=1.7976931348623157e+308", static x => Math.Max(x, -0.5) },
        { "Round:5", "mode=half_to_even", static x => Math.Round(x, MidpointRounding.ToEven) },
        { "Round:5", "mode=half_away_from_zero", static x => Math.Round(x, MidpointRounding.AwayFromZero) },
        { "Negative:1", "", static x => -x },
        { "Ceiling:1", "", Math.Ceiling },
        { "Asinh:4", "", Math.Asinh },
        { "Sinh:1", "", Math.Sinh },
    };

    public static TheoryData<string, string, Func<double, double>> Legacy => new()
    {
        { "Activation", "type=relu negative_slope=0.5", static x => x < 0 ? x * 0.5 : x },
        { "Activation", "type=clamp min=-1 max=2", static x => Math.Clamp(x, -1, 2) },
        { "Activation", "type=not", static x => x == 0 ? 1 : 0 },
        { "ReLU6", "", static x => Math.Clamp(x, 0, 6) },
        { "Swish", "beta=2", static x => x / (1 + Math.Exp(-2 * x)) },
        { "HardSigmoid", "", static x => Math.Clamp((0.2 * x) + 0.5, 0, 1) },
        { "Selu", "", static x => 1.05070098 * (x < 0 ? 1.67326324 * (Math.Exp(x) - 1) : x) },
        { "Power", "power=2 scale=3 shift=-1", static x => Math.Pow((x * 3) - 1, 2) },
    };

    [Theory]
    [MemberData(nameof(Opset))]
    public async Task Build_OpsetFunction_EqualsItsFormula(string type, string attributes, Func<double, double> formula) =>
        AssertNear(formula, await ComputeAsync((graph, x) => TestLayer.Opset(graph, type, attributes, x)));

    [Theory]
    [MemberData(nameof(Legacy))]
    public async Task Build_LegacyFunction_EqualsItsFormula(string type, string attributes, Func<double, double> formula) =>
        AssertNear(formula, await ComputeAsync((graph, x) => TestLayer.Legacy(graph, type, attributes, x)));

    [Fact]
    public async Task Build_SwishWithABetaComputedAtRunTime_EqualsItsFormula() =>
        AssertNear(
            static x => x / (1 + Math.Exp(-7 * x)),
            await ComputeAsync(static (graph, x) => TestLayer.Opset(graph, "Swish:4", "", x, graph.Reduce("ReduceMax", x, [0], true))));

    [Fact]
    public async Task Build_SeluAndHardSigmoid_TakeTheirNumbersFromOperands()
    {
        AssertNear(
            static x => 2 * (x < 0 ? 1.5 * (Math.Exp(x) - 1) : x),
            await ComputeAsync(static (graph, x) => TestLayer.Opset(graph, "Selu:1", "", x, graph.Float(1.5f), graph.Float(2))));
        AssertNear(
            static x => Math.Clamp((0.5 * x) + 0.25, 0, 1),
            await ComputeAsync(static (graph, x) => TestLayer.Opset(graph, "HardSigmoid:1", "", x, graph.Float(0.5f), graph.Float(0.25f))));
    }

    [Theory]
    [InlineData("IsFinite:10", "", new double[] { 1, 0, 0, 0 })]
    [InlineData("IsNaN:10", "", new double[] { 0, 0, 0, 1 })]
    [InlineData("IsInf:10", "", new double[] { 0, 1, 1, 0 })]
    [InlineData("IsInf:10", "detect_negative=false", new double[] { 0, 1, 0, 0 })]
    [InlineData("IsInf:10", "detect_positive=false", new double[] { 0, 0, 1, 0 })]
    public async Task Build_FloatTests_TellInfinitiesAndNaN(string type, string attributes, double[] expected)
    {
        (double[] computed, _) = await TestGraph.BothAsync(
            TensorElementType.Float32,
            [1, double.PositiveInfinity, double.NegativeInfinity, double.NaN],
            (graph, x) => TestLayer.Opset(graph, type, attributes, x));

        Assert.Equal(expected, computed);
    }

    [Fact]
    public async Task Build_PRelu_LinesAVectorUpWithTheChannels()
    {
        Tensor x = TestGraph.Floats([-1, -2, -3, -4, 5, 6], 1, 3, 2);
        Tensor y = await TestGraph.ComputeAsync(x, static (graph, x) => TestLayer.Opset(graph, "PReLU:1", "", x, graph.Constant(Constant.Floats([2, 3, 4], 3))));

        Assert.Equal([-2, -4, -9, -12, 5, 6], y.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Build_ReluOfWholeNumbers_StaysWhole()
    {
        (double[] computed, _) = await TestGraph.BothAsync(TensorElementType.Int64, [-2, 0, 2], static (graph, x) => TestLayer.Opset(graph, "ReLU:1", "", x));

        Assert.Equal([0, 0, 2], computed);
    }

    [Theory]
    [InlineData("Gelu:7", "approximation_mode=SIGMOID", "approximation_mode 'SIGMOID' is not known")]
    [InlineData("Round:5", "mode=up", "mode 'up' is not known")]
    [InlineData("Clamp:1", "min=2 max=1", "its lower bound 2 is above the upper one, 1")]
    [InlineData("Clamp:1", "min=0 max=six", "attribute 'max' holds 'six', not a number")]
    [InlineData("Clamp:1", "max=6", "attribute 'min' is missing")]
    [InlineData("PReLU:1", "", "input 1 is missing")]
    [InlineData("SoftMax:8", "axis=1", "axis 1 is outside a tensor with 1 dimensions")]
    public void Build_OpsetLayerThatIsWrong_IsRefused(string type, string attributes, string message) =>
        Assert.Equal(message, Assert.Throws<LayerException>(() => Refused(type, attributes, TestLayer.Opset)).Message);

    [Theory]
    [InlineData("Activation", "type=activation", "activation 'activation' is not supported")]
    [InlineData("Activation", "type=Convolution", "activation 'Convolution' is not supported")]
    [InlineData("PReLU", "", "its weights are missing")]
    public void Build_LegacyLayerThatIsWrong_IsRefused(string type, string attributes, string message) =>
        Assert.Equal(message, Assert.Throws<LayerException>(() => Refused(type, attributes, TestLayer.Legacy)).Message);

    private static Value Refused(string type, string attributes, Func<GraphBuilder, string, string, Value[], Value> build)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        return build(graph, type, attributes, [graph.Input(TensorElementType.Float32, [3])]);
    }

    private static async Task<double[]> ComputeAsync(Func<GraphBuilder, Value, Value> build) =>
        (await TestGraph.BothAsync(TensorElementType.Float32, Points, build)).Computed;

    private static void AssertNear(Func<double, double> formula, double[] computed) =>
        Assert.All(Points.Zip(computed), pair => Assert.Equal(formula(pair.First), pair.Second, 1e-5 * (1 + Math.Abs(formula(pair.First)))));

    /// <summary>The error function by its Taylor series, good to 1e-9 here.</summary>
    private static double Erf(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return sum * 2 / Math.Sqrt(Math.PI);
    }
}
