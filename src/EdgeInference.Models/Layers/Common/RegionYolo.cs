using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// YOLO's head. The channels are, for each anchor, the box's coordinates, the objectness and a score for each class; the
/// first two coordinates and the objectness go through a sigmoid, the scores through a softmax over the classes and the
/// result is flattened (do_softmax, YOLOv2), or the scores through a sigmoid too (YOLOv3, anchors named by mask).
/// </summary>
[OpsetLayer("RegionYolo")]
[LegacyLayer("RegionYolo")]
internal sealed class RegionYolo : Layer
{
    private const int EntryAxis = 2;

    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        bool softmax = layer.Flag("do_softmax", true);
        (long coordinates, long classes) = (layer.Int("coords"), layer.Int("classes"));
        int masked = layer.Ints("mask", []).Length;
        long anchors = softmax || masked == 0 ? layer.Int("num") : masked;
        long entries = checked(coordinates + 1 + classes);
        if (x.Rank != 4 || coordinates < 2 || classes < 1 || x.Shape[1] != checked(anchors * entries))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} does not hold {coordinates} coordinates and {classes} classes for each of {anchors} anchors");

        Value split = graph.Reshape(x, [x.Shape[0], anchors, entries, x.Shape[2], x.Shape[3]]);
        Value place = graph.Unary("Sigmoid", graph.Part(split, EntryAxis, 0, 2));
        Value size = graph.Part(split, EntryAxis, 2, coordinates - 2);
        Value[] scores = softmax
            ? [graph.Unary("Sigmoid", graph.Part(split, EntryAxis, coordinates, 1)), graph.Softmax(graph.Part(split, EntryAxis, coordinates + 1, classes), EntryAxis)]
            : [graph.Unary("Sigmoid", graph.Part(split, EntryAxis, coordinates, 1 + classes))];
        Value joined = graph.Concat([place, size, .. scores], EntryAxis);
        return [graph.Reshape(joined, softmax ? Flattened(x.Shape, layer.Int("axis", 1), layer.Int("end_axis", 3)) : [.. x.Shape])];
    }

    private static long[] Flattened(IReadOnlyList<long> shape, long axis, long endAxis)
    {
        int first = Shapes.Axis(axis, shape.Count);
        int last = Shapes.Axis(endAxis, shape.Count);
        if (last < first)
            throw new LayerException($"axes {axis} to {endAxis} cannot be flattened");
        long[] merged = [.. shape.Skip(first).Take(last - first + 1)];
        return [.. shape.Take(first), Shapes.IsStatic(merged) ? Shapes.Count(merged) : Shapes.Unknown, .. shape.Skip(last + 1)];
    }
}
