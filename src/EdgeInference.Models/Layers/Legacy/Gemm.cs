using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>alpha * A * B + beta * C, where C may be left out; axes before the last two are broadcast.</summary>
[LegacyLayer("Gemm")]
internal sealed class Gemm : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value product = graph.MatMul(layer.Input(0), layer.Input(1), layer.Flag("transpose_a", false), layer.Flag("transpose_b", false));
        Value scaled = Scale(graph, product, layer.Float("alpha", 1));
        return [layer.Inputs.Count > 2 ? graph.Add(scaled, Scale(graph, layer.Input(2), layer.Float("beta", 1))) : scaled];
    }

    private static Value Scale(GraphBuilder graph, Value x, float factor) =>
        factor == 1 ? x : graph.Multiply(x, graph.Float(factor));
}
