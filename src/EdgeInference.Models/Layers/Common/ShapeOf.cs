using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The sizes of a tensor: Int64 unless named otherwise, Int32 in legacy files.</summary>
[OpsetLayer("ShapeOf")]
[LegacyLayer("ShapeOf")]
internal sealed class ShapeOf : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph) =>
        [graph.ShapeOf(layer.Input(0), IrElementTypes.Parse(layer.Text("output_type", layer.IrVersion < 10 ? "i32" : "i64")))];
}
