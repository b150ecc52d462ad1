using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Repeats a tensor up to a shape. The modes are NumPy's, NumPy's in both directions, and explicit (in opset 1 also called
/// none), where the third input says which axis of the result each of the tensor's is.
/// </summary>
[OpsetLayer("Broadcast")]
internal sealed class Broadcast : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value target = layer.Input(1);
        switch (layer.Text("mode", "numpy"))
        {
            case "numpy" or "bidirectional":
                return [graph.Expand(x, target)];
            case "explicit" or "none":
                if (target.Rank != 1 || target.Shape[0] is < 0 or > Shapes.HighestRank)
                    throw new LayerException($"a shape {Shapes.Describe(target.Shape)} to broadcast to is not supported");
                long[] mapping = layer.ConstantInts(2);
                if (mapping.Length != x.Rank || !mapping.SequenceEqual(mapping.Distinct().Order()) || mapping.Any(axis => axis < 0 || axis >= target.Shape[0]))
                    throw new LayerException($"axes {string.Join(',', mapping)} do not say where those of {Shapes.Describe(x.Shape)} go");
                IEnumerable<long> added = Enumerable.Range(0, (int)target.Shape[0]).Select(static axis => (long)axis).Except(mapping);
                return [graph.Expand(graph.Unsqueeze(x, added), target)];
            case var other:
                throw new LayerException($"mode '{other}' is not supported");
        }
    }
}
