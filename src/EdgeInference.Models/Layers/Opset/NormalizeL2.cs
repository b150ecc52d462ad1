using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>x / sqrt(S + eps) or x / sqrt(max(S, eps)), where S is the sum of the squares over the axes of input 1.</summary>
[OpsetLayer("NormalizeL2")]
internal sealed class NormalizeL2 : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        bool atLeast = layer.Text("eps_mode") switch
        {
            "add" => false,
            "max" => true,
            var other => throw new LayerException($"eps_mode '{other}' is not known"),
        };
        return [graph.NormalizeL2(layer.Input(0), layer.ConstantInts(1), layer.Float("eps"), atLeast)];
    }
}
