using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>An output in the type that its user sees, which is not always the one that we compute in.</summary>
[OpsetLayer("Result")]
internal sealed class Result : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string declared = layer.InputPrecision(0);
        Value output = layer.Input(0);
        graph.Graph.AddOutput(
            layer.InputName(0),
            declared.Length == 0 ? output : graph.Cast(output, InterfaceTypes.OfOutput(layer.IrVersion, declared, layer.FloatInterface)));
        return [];
    }
}
