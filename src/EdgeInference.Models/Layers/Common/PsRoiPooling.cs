using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// Pools each cell of each region from channels of its own. Inputs are features [N, C, H, W] and regions [regions, 5]: for
/// the average in pixels of the image, for bilinear samples in parts of it (source: OpenVINO's PSROIPooling-1).
/// </summary>
[OpsetLayer("PSROIPooling")]
[LegacyLayer("PSROIPooling")]
internal sealed class PsRoiPooling : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = RegionList.Features(graph, layer.Input(0));
        long groups = layer.Int("group_size", 1);
        if (layer.Int("pooled_height", groups) != groups || layer.Int("pooled_width", groups) != groups)
            throw new LayerException("a pooled size other than group_size is not supported");

        var regions = new RegionList(graph, graph.Cast(layer.Input(1), TensorElementType.Float32));
        (string mode, long depth, float scale) = (layer.Text("mode", "average"), layer.Int("output_dim"), layer.Float("spatial_scale"));
        (long binsX, long binsY) = (layer.Int("spatial_bins_x", 1), layer.Int("spatial_bins_y", 1));
        bool fits = new[] { groups, depth, binsX, binsY }.All(number => number >= 1 && number <= x.Shape[1])
            && x.Shape[1] == (mode is "bilinear" ? checked(depth * binsX * binsY) : checked(depth * groups * groups));
        if (!fits)
            throw new LayerException($"output_dim {depth} does not fit features {Shapes.Describe(x.Shape)}");
        Value pooled = mode switch
        {
            "average" => Average(graph, x, regions, depth, groups, scale),
            "bilinear" => Samples(graph, x, regions, depth, groups, scale, binsX, binsY),
            var other => throw new LayerException($"mode '{other}' is not supported"),
        };
        return [graph.Cast(regions.Ended(pooled), layer.Input(0).ElementType)];
    }

    /// <summary>Cells are summed as differences of running sums, in doubles, so that any size of cell costs the same.</summary>
    private static Value Average(GraphBuilder graph, Value x, RegionList regions, long depth, long groups, float scale)
    {
        (Value x1, Value y1, Value x2, Value y2) = regions.Corners;
        (long height, long width, long count) = (x.Shape[2], x.Shape[3], regions.Count);
        (Value top, Value bottom) = Borders(graph, y1, y2, groups, height, scale, [count, 1, groups, 1]);
        (Value left, Value right) = Borders(graph, x1, x2, groups, width, scale, [count, 1, 1, groups]);

        Value sums = graph.Cast(x, TensorElementType.Float64);
        sums = graph.CumulativeSum(graph.CumulativeSum(sums, 2, exclusive: false, reverse: false), 3, exclusive: false, reverse: false);
        sums = graph.Reshape(graph.Pad(sums, [0, 0, 1, 1], [0, 0, 0, 0], PadMode.Constant), [Shapes.Unknown]);
        long plane = checked((height + 1) * (width + 1));
        Value channel = graph.Multiply(graph.Reshape(graph.Range(0, checked(depth * groups * groups), 1), [1, depth, groups, groups]), Whole(plane));
        Value image = graph.Multiply(graph.Reshape(regions.Images, [count, 1, 1, 1]), Whole(checked(x.Shape[1] * plane)));
        Value start = graph.Add(image, channel);

        Value sum = graph.Subtract(
            graph.Add(SumTo(bottom, right), SumTo(top, left)),
            graph.Add(SumTo(top, right), SumTo(bottom, left)));
        Value area = graph.Multiply(graph.Subtract(bottom, top), graph.Subtract(right, left));
        Value mean = graph.Divide(graph.Cast(sum, TensorElementType.Float32), graph.Cast(graph.Binary("Max", area, Whole(1)), TensorElementType.Float32));
        return graph.Where(graph.Compare("Greater", area, Whole(0)), mean, graph.Float(0));

        Value SumTo(Value row, Value column) =>
            graph.Gather(sums, graph.Add(start, graph.Add(graph.Multiply(row, Whole(width + 1)), column)), 0);

        Value Whole(long number) => graph.Number(number, TensorElementType.Int64);
    }

    /// <returns>The first element of each cell and the one after its last, Int64.</returns>
    private static (Value Begin, Value End) Borders(GraphBuilder graph, Value first, Value last, long cells, long size, float scale, long[] shape)
    {
        Value begin = graph.Multiply(graph.RoundAwayFromZero(first), graph.Float(scale));
        Value end = graph.Multiply(graph.Add(graph.RoundAwayFromZero(last), graph.Float(1)), graph.Float(scale));
        Value cell = graph.Divide(graph.Binary("Max", graph.Subtract(end, begin), graph.Float(0.1f)), graph.Float(cells));
        return (Border("Floor", 0), Border("Ceil", 1));

        Value Border(string rounding, float offset)
        {
            Value index = graph.Reshape(graph.Range(offset, cells + offset, 1f), [1, cells]);
            Value border = graph.Unary(rounding, graph.Add(graph.Multiply(index, cell), begin));
            return graph.Reshape(graph.Cast(graph.Clip(border, 0, size), TensorElementType.Int64), shape);
        }
    }

    /// <summary>Each region is divided into bins, each with channels of its own; a cell is the mean of its sample in every bin.</summary>
    private static Value Samples(GraphBuilder graph, Value x, RegionList regions, long depth, long groups, float scale, long binsX, long binsY)
    {
        (Value x1, Value y1, Value x2, Value y2) = regions.Corners;
        Value[] rows = Positions(y1, y2, binsY, x.Shape[2]);
        Value[] columns = Positions(x1, x2, binsX, x.Shape[3]);
        IReadOnlyList<Value> channels = graph.Split(x, 1, [.. Enumerable.Repeat(depth, Shapes.Length(checked(binsX * binsY)))]);
        IEnumerable<Value> samples = channels.Select((part, bin) =>
            BilinearGrid.Sample(graph, part, regions.Images, rows[bin / binsX], columns[bin % binsX]));
        return graph.Divide(samples.Aggregate(graph.Add), graph.Float(binsX * binsY));

        Value[] Positions(Value first, Value last, long bins, long size)
        {
            Value begin = graph.Multiply(first, graph.Float(scale));
            Value length = graph.Divide(graph.Subtract(graph.Multiply(last, graph.Float(scale)), begin), graph.Float(bins));
            return [.. Enumerable.Range(0, (int)bins).Select(bin => BilinearGrid.Positions(graph, Border(bin), Border(bin + 1), groups, size))];

            Value Border(int bin) => graph.Add(begin, graph.Multiply(length, graph.Float(bin)));
        }
    }
}
