using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Blocks that index tuples name. Opset 5 merges the shared axes of its result into one, opset 8 keeps them.</summary>
[OpsetLayer("GatherND")]
internal sealed class GatherND : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        int batchAxes = checked((int)layer.Int("batch_dims", 0));
        Value gathered = graph.GatherND(layer.Input(0), layer.Input(1), batchAxes);
        if (layer.Opset >= 8 || batchAxes < 2)
            return [gathered];
        long[] shared = [.. gathered.Shape.Take(batchAxes)];
        return [graph.Reshape(gathered, [Shapes.IsStatic(shared) ? Shapes.Count(shared) : Shapes.Unknown, .. gathered.Shape.Skip(batchAxes)])];
    }
}
