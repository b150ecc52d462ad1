using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class NormalizationTests
{
    private static readonly long[] Shape = [2, 4, 3, 5];

    /// <summary>The factor of the sum of squares is alpha / size^n; an even window reaches as far as the odd one below it.</summary>
    [Theory]
    [InlineData("LRN:1", "size=3 alpha=0.6 beta=0.75 bias=1", new long[] { 1 }, 1, 0.2)]
    [InlineData("LRN:1", "size=4 alpha=0.8 beta=0.5 bias=2", new long[] { 1 }, 1, 0.2)]
    [InlineData("LRN:1", "size=3 alpha=1.8 beta=1 bias=0.5", new long[] { -1, 2 }, 1, 0.2)]
    [InlineData("LRN:1", "size=3 alpha=5.4 beta=1.3 bias=1.5", new long[] { 3, 1, 2 }, 1, 0.2)]
    [InlineData("LRN:1", "size=5 alpha=1 beta=0.75 bias=1", new long[] { 3 }, 2, 0.2)]
    [InlineData("LRN:1", "size=5 alpha=0.2 beta=0.75 bias=1", new long[0], 2, 0.2)]
    [InlineData("Norm", "local-size=3 alpha=0.6 beta=0.75 k=2.9", new long[] { 1 }, 1, 0.2)]
    [InlineData("Norm", "local-size=3 alpha=1.8 beta=0.75 k=1 region=same", new long[] { 2, 3 }, 1, 0.2)]
    public async Task Build_LocalResponse_DividesByTheSquaresAround(string type, string attributes, long[] axes, int reach, double factor)
    {
        float[] x = Numbers.Random(1, Shape);

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(x, Shape), (graph, input) =>
            TestLayer.All(graph, type, attributes, type is "LRN:1" ? [input, graph.Ints(axes)] : [input])[0]);

        Dictionary<string, float> numbers = attributes.Split(' ').Select(static p => p.Split('=')).Where(static p => float.TryParse(p[1], System.Globalization.CultureInfo.InvariantCulture, out _))
            .ToDictionary(static p => p[0], static p => float.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);
        double bias = numbers.TryGetValue("k", out float k) ? Math.Truncate(k) : numbers["bias"];
        int[] along = [.. axes.Select(static axis => Shapes.Axis(axis, 4))];
        Numbers.AssertNear([.. x.Select((value, i) => (float)(value / Math.Pow(bias + (factor * Around(x, i, along, reach).Sum(static v => v * v)), numbers["beta"])))], result.Elements<float>());
    }

    [Theory]
    [InlineData("MVN:6", "eps=0.5", new long[] { -1 })]
    [InlineData("MVN:6", "eps=0.5", new long[] { 2, 3 })]
    [InlineData("MVN:6", "eps=0.5", new long[] { 1, -1, 2 })]
    [InlineData("MVN:6", "eps=0.5", new long[] { 1 })]
    [InlineData("MVN:6", "eps=0.5", new long[] { 0, 2 })]
    [InlineData("MVN:6", "eps=0.5 eps_mode=OUTSIDE_SQRT", new long[] { 2, 3 })]
    [InlineData("MVN:6", "eps=0.5 eps_mode=outside_sqrt normalize_variance=false", new long[] { 1, 2 })]
    [InlineData("MVN:1", "eps=0.5 across_channels=true normalize_variance=true", new long[] { 1, 2, 3 })]
    [InlineData("MVN:1", "eps=0.5 across_channels=false normalize_variance=true", new long[] { 2, 3 })]
    [InlineData("MVN:2", "eps=0.5 reduction_axes=1,3 normalize_variance=true", new long[] { 1, 3 })]
    [InlineData("MVN", "eps=0.5 across_channels=1 normalize_variance=0", new long[] { 1, 2, 3 })]
    public async Task Build_MeanVariance_IsThatOfTheAxes(string type, string attributes, long[] axes)
    {
        float[] x = [.. Numbers.Random(3, Shape).Select(static v => v + 2)];

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(x, Shape), (graph, input) =>
            TestLayer.All(graph, type, attributes, type is "MVN:6" ? [input, graph.Ints(axes)] : [input])[0]);

        int[] along = [.. axes.Select(static axis => Shapes.Axis(axis, 4))];
        Numbers.AssertNear([.. x.Select((value, i) => Standard(value, [.. Around(x, i, along, 5)]))], result.Elements<float>());

        float Standard(double value, double[] values)
        {
            double mean = values.Average();
            double variance = values.Average(v => (v - mean) * (v - mean));
            double deviation = attributes.Contains("outside", StringComparison.OrdinalIgnoreCase) ? Math.Sqrt(variance) + 0.5 : Math.Sqrt(variance + 0.5);
            return (float)((value - mean) / (attributes.Contains("variance=false") || attributes.Contains("variance=0") ? 1 : deviation));
        }
    }

    [Theory]
    [InlineData("eps=0.5 eps_mode=add", new long[] { 1 }, false)]
    [InlineData("eps=2.5 eps_mode=max", new long[] { -2, 3 }, true)]
    [InlineData("eps=0.2 eps_mode=max", new long[0], true)]
    public async Task Build_NormalizeL2_DividesByTheLengthAlongTheAxes(string attributes, long[] axes, bool atLeast)
    {
        float[] x = Numbers.Random(4, Shape);

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(x, Shape), (graph, input) =>
            TestLayer.All(graph, "NormalizeL2:1", attributes, [input, graph.Ints(axes)])[0]);

        double epsilon = double.Parse(attributes.Split('=', ' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        int[] along = [.. axes.Select(static axis => Shapes.Axis(axis, 4))];
        Numbers.AssertNear([.. x.Select((value, i) => (float)(value / Length(Around(x, i, along, 5).Sum(static v => v * v))))], result.Elements<float>());

        double Length(double sum) => Math.Sqrt(atLeast ? Math.Max(sum, epsilon) : sum + epsilon);
    }

    [Fact]
    public async Task Build_BatchNormalizationWithComputedFactors_MultipliesAtRunTime()
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats([4, 9], 2), static (graph, x) =>
            TestLayer.All(graph, "BatchNormInference:5", "epsilon=0", [graph.Constant(Constant.Floats([3, 5], 1, 2, 1)), x, x, graph.Constant(Constant.Floats([1, 2], 2)), x])[0]);

        Assert.Equal([((3 - 1) / 2f * 4) + 4, ((5 - 2) / 3f * 9) + 9], result.Elements<float>().ToArray());
    }

    [Fact]
    public async Task Build_GroupNormalizationOfThreeAxes_NormalisesEachGroup()
    {
        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats([1, 3, 10, 30], 1, 4, 1), static (graph, x) =>
            TestLayer.All(graph, "GroupNormalization:12", "num_groups=2 epsilon=0", [x, graph.Constant(Constant.Floats([1, 2, 3, 4], 4)), graph.Constant(Constant.Floats([0, 0, 0, 5], 4))])[0]);

        Numbers.AssertNear([-1, 2, -3, 9], result.Elements<float>());
    }

    [Theory]
    [InlineData("LRN:1", "size=3 alpha=1 beta=1 bias=1", new long[] { 0, 1 }, "windows of 3 along axes 0,1 are not supported")]
    [InlineData("LRN:1", "size=0 alpha=1 beta=1 bias=1", new long[] { 1 }, "windows of 0 along axes 1 are not supported")]
    [InlineData("Norm", "local-size=3 alpha=1 beta=1 region=all", new long[0], "region 'ALL' is not known")]
    [InlineData("MVN:6", "eps=1 eps_mode=half", new long[] { 1 }, "eps_mode 'HALF' is not known")]
    [InlineData("MVN:6", "eps=1", new long[] { 4 }, "axis 4 is outside a tensor with 4 dimensions")]
    [InlineData("NormalizeL2:1", "eps=1 eps_mode=min", new long[] { 1 }, "eps_mode 'min' is not known")]
    public void Build_WhatCannotBe_IsRefused(string type, string attributes, long[] axes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, Shape);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.All(graph, type, attributes, [x, graph.Ints(axes)])).Message);
    }

    [Fact]
    public void Build_GroupsThatDoNotDivideTheChannels_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, Shape);

        Assert.Equal("4 channels cannot be divided into 3 groups", Assert.Throws<LayerException>(() => TestLayer.All(graph, "GroupNormalization:12", "num_groups=3 epsilon=1", [x, x, x])).Message);
    }

    /// <summary>The elements that are at most so far from one along some axes, and at its own place along the others.</summary>
    private static IEnumerable<double> Around(float[] x, int index, int[] along, int reach)
    {
        int[] center = Position(index);
        return Enumerable.Range(0, x.Length)
            .Where(i => Position(i).Select((at, axis) => Math.Abs(at - center[axis]) <= (along.Contains(axis) ? reach : 0)).All(static near => near))
            .Select(i => (double)x[i]);
    }

    private static int[] Position(int index) => [index / 60, index / 15 % 4, index / 5 % 3, index % 5];
}
