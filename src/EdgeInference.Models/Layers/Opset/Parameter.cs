using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>An input in the type that its user sees, which is not always the one that we compute in.</summary>
[OpsetLayer("Parameter")]
internal sealed class Parameter : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        graph.LayerName = layer.OutputName(0);
        string declared = layer.Text("element_type");
        Value input = graph.Input(InterfaceTypes.OfInput(layer.IrVersion, declared, layer.FloatInterface), layer.DeclaredShape());
        return [graph.Cast(input, IrElementTypes.Parse(declared))];
    }
}
