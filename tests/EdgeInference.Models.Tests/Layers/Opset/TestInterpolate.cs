using EdgeInference.Inference;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

/// <summary>Runs an Interpolate of version 11 on whole sizes.</summary>
internal static class TestInterpolate
{
    public static Task<Tensor> Compute(Tensor input, string attributes, long[] axes, long[] sizes) => TestGraph.ComputeAsync(input, (graph, x) =>
        TestLayer.Opset(graph, "Interpolate:11", $"shape_calculation_mode=sizes {attributes}", x, graph.Ints(sizes), graph.Ints(axes)));

    public static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.All(expected.Elements<float>().ToArray().Zip(actual.Elements<float>().ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }
}
