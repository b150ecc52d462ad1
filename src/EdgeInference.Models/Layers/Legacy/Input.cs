using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Input")]
internal sealed class Input : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.Input(IrElementTypes.Parse(layer.Precision), layer.DeclaredShape())];
}
