using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Replaces parts of a tensor along an axis: in the updates the indices' shape takes the axis's place.</summary>
[OpsetLayer("ScatterUpdate")]
internal sealed class ScatterUpdate : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value indices, Value updates) = (layer.Input(0), layer.Input(1), layer.Input(2));
        int axis = Shapes.Axis(layer.ConstantInt(3), x.Rank);
        if (updates.Rank != x.Rank - 1 + indices.Rank)
            throw new LayerException($"updates {Shapes.Describe(updates.Shape)} do not fit {Shapes.Describe(x.Shape)} and indices {Shapes.Describe(indices.Shape)}");

        // ScatterND wants what is indexed in front.
        long[] order = InFront(x.Rank, axis, 1);
        Value tuples = graph.Unsqueeze(indices, [-1]);
        Value scattered = graph.ScatterND(
            graph.Transpose(x, order),
            tuples,
            graph.Transpose(updates, InFront(updates.Rank, axis, indices.Rank)));
        return [graph.Transpose(scattered, [.. order.Select((_, place) => (long)Array.IndexOf(order, place))])];
    }

    /// <summary>The order that brings some consecutive axes before all others.</summary>
    private static long[] InFront(int rank, int first, int count) =>
        [.. Enumerable.Range(0, rank).Select(static axis => (long)axis).OrderBy(axis => axis < first || axis >= first + count)];
}
