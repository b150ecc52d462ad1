using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// Regions that may hold an object: anchors moved by a network's offsets, cut at the image, the best of them without
/// those that overlap a better one (source: OpenVINO's Proposal-1 and Proposal-4).
/// </summary>
internal sealed class RegionProposals(GraphBuilder graph, ProposalOptions options)
{
    /// <param name="scores">[N, 2 * anchors, H, W], the second half for the object.</param>
    /// <param name="offsets">[N, 4 * anchors, H, W].</param>
    /// <param name="info">The image's height, width and one or two scales.</param>
    /// <returns>
    /// Rows (image, x1, y1, x2, y2), MostAfter for each image, and their scores. Where an image has fewer, the row after
    /// the last starts with -1 and the rest is 0.
    /// </returns>
    public (Value Regions, Value Scores) Build(Value scores, Value offsets, Value info)
    {
        int anchors = checked(options.Ratios.Length * options.Scales.Length);
        if (scores.Rank != 4
            || !scores.IsStatic
            || scores.Shape[1] != checked(2L * anchors)
            || !offsets.Shape.SequenceEqual([scores.Shape[0], 4L * anchors, scores.Shape[2], scores.Shape[3]]))
        {
            throw new LayerException($"scores {Shapes.Describe(scores.Shape)} and offsets {Shapes.Describe(offsets.Shape)} do not fit {anchors} anchors");
        }

        (long images, long height, long width) = (scores.Shape[0], scores.Shape[2], scores.Shape[3]);
        var grid = new ProposalAnchors(options, height, width);
        (Value size, Value scale) = ReadInfo(info);
        (Value first, Value last) = Decode(grid, OffsetRows(offsets, anchors, grid.Count), size);
        Value fits = graph.Compare("GreaterOrEqual", Extent(first, last), graph.Multiply(scale, graph.Float(options.MinSize)));
        Value kept = graph.Where(graph.ReduceLogical(fits, all: true, [2], keepDimensions: false), ScoreRows(scores, anchors, grid.Count), graph.Float(0));
        Value boxes = graph.Concat([first, last], 2);

        (Value Regions, Value Scores)[] chosen = [.. Enumerable.Range(0, checked((int)images)).Select(image => Choose(boxes, kept, size, image, grid.Count))];
        return (graph.Concat([.. chosen.Select(static c => c.Regions)], 0), graph.Concat([.. chosen.Select(static c => c.Scores)], 0));
    }

    /// <returns>Width and height of the image, and the scale of each.</returns>
    private (Value Size, Value Scale) ReadInfo(Value info)
    {
        if (info.Rank is not (1 or 2) || info.Shape[^1] is not (>= 3 and var count))
            throw new LayerException($"the image's sizes are {Shapes.Describe(info.Shape)}, not 3 or 4 numbers");
        Value row = info.Rank == 1 ? info : graph.Gather(info, Scalar(0), 0);
        if (options.IsSimple)
            row = graph.Unary("Floor", row);
        return (graph.Gather(row, graph.Ints(1, 0), 0), graph.Gather(row, count == 3 ? graph.Ints(2, 2) : graph.Ints(3, 2), 0));
    }

    /// <returns>[N, boxes], in the order of the anchors.</returns>
    private Value ScoreRows(Value scores, long anchors, long count)
    {
        Value[] halves = [.. graph.Split(scores, 1, [anchors, anchors])];
        return graph.Reshape(graph.Transpose(halves[1], [0, 2, 3, 1]), [scores.Shape[0], count]);
    }

    /// <returns>[N, boxes, 4], in the order of the anchors.</returns>
    private Value OffsetRows(Value offsets, long anchors, long count)
    {
        Value split = graph.Reshape(offsets, [offsets.Shape[0], anchors, 4, offsets.Shape[2], offsets.Shape[3]]);
        return graph.Reshape(graph.Transpose(split, [0, 3, 4, 1, 2]), [offsets.Shape[0], count, 4]);
    }

    /// <returns>First and last corner of each box, [N, boxes, 2].</returns>
    private (Value First, Value Last) Decode(ProposalAnchors grid, Value offsets, Value imageSize)
    {
        (Value first, Value last) = (graph.Constant(grid.First), graph.Constant(grid.Last));
        if (options.IsTensorFlow)
            (first, last) = (Within(first, imageSize), Within(last, imageSize));
        Value size = Extent(first, last);
        Value center = graph.Add(first, graph.Multiply(size, graph.Float(0.5f)));

        IReadOnlyList<Value> parts = graph.Split(offsets, 2, [2, 2]);
        Value shift = graph.Multiply(Divided(parts[0], options.CoordinateScale), size);
        Value half = graph.Multiply(graph.Unary("Exp", Divided(parts[1], options.SizeScale)), graph.Multiply(size, graph.Float(0.5f)));
        center = graph.Add(shift, center);
        (first, last) = (graph.Subtract(center, half), graph.Add(center, half));
        if (!options.ClipBefore)
            return (first, last);
        Value limit = graph.Subtract(imageSize, graph.Float(options.LastPixel));
        return (Within(first, limit), Within(last, limit));
    }

    /// <summary>Suppression in one image, and its rows of the output.</summary>
    private (Value Regions, Value Scores) Choose(Value boxes, Value scores, Value imageSize, int image, long count)
    {
        (boxes, scores) = (graph.Gather(boxes, Scalar(image), 0), graph.Gather(scores, Scalar(image), 0));
        if (options.IsSimple)
        {
            var backwards = new AxisSlice(count - 1, -1, count);
            (boxes, scores) = (graph.Slice(boxes, [backwards, AxisSlice.Whole(4)]), graph.Slice(scores, [backwards]));
        }

        long candidates = Math.Min(options.MostBefore, count);
        (Value best, Value order) = graph.TopK(scores, candidates, 0);
        boxes = graph.Gather(boxes, order, 0);
        Value whole = graph.Add(boxes, graph.Constant(Constant.Floats([0, 0, options.LastPixel, options.LastPixel], 4)));
        Value selected = graph.NonMaxSuppression(
            graph.Reshape(whole, [1, candidates, 4]),
            graph.Reshape(best, [1, 1, candidates]),
            graph.Ints(options.MostAfter),
            graph.Float(options.Overlap),
            options.IsSimple ? graph.Float(0) : null,
            centered: false);
        Value indices = graph.Gather(selected, Scalar(2), 1);

        Value corners = graph.Reshape(boxes, [candidates, 2, 2]);
        if (options.ClipAfter)
            corners = Within(corners, imageSize);
        if (options.Normalize)
            corners = graph.Divide(corners, imageSize);
        Value number = graph.Expand(graph.Float(image), [candidates, 1]);
        Value rows = graph.Concat([number, graph.Reshape(corners, [candidates, 4])], 1);
        return (Padded(graph.Gather(rows, indices, 0), -1), Padded(graph.Gather(best, indices, 0), 0));
    }

    /// <summary>Rows followed by one of <paramref name="marker"/> and zeros, and zeros, up to MostAfter.</summary>
    private Value Padded(Value rows, float marker)
    {
        long[] shape = [options.MostAfter, .. rows.Shape.Skip(1)];
        long[] markerShape = [.. shape.Select(static _ => 1L)];
        Value end = graph.Constant(Constant.Floats([marker], markerShape));
        Value tail = graph.Pad(end, new long[shape.Length], [.. shape.Select(static size => size - 1)], PadMode.Constant);
        return graph.Slice(graph.Concat([rows, tail], 0), graph.Ints(0), graph.Ints(options.MostAfter), graph.Ints(0), graph.Ints(1), shape);
    }

    private Value Extent(Value first, Value last) => graph.Add(graph.Subtract(last, first), graph.Float(options.LastPixel));

    private Value Within(Value x, Value limit) => graph.Binary("Max", graph.Binary("Min", x, limit), graph.Float(0));

    private Value Divided(Value x, float divisor) => divisor == 1 ? x : graph.Divide(x, graph.Float(divisor));

    private Value Scalar(long index) => graph.Constant(Constant.Ints(index).WithShape([]));
}
