using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// The largest element, or one bilinear sample, of each cell of each region. Inputs are features [N, C, H, W] and
/// regions [regions, 5]: for the largest in pixels of the image, for samples in parts of it.
/// </summary>
[OpsetLayer("ROIPooling")]
[LegacyLayer("ROIPooling")]
internal sealed class RoiPooling : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = RegionList.Features(graph, layer.Input(0));
        long[] cells = layer.Has("pooled_h") ? [layer.Int("pooled_h"), layer.Int("pooled_w")] : layer.Ints(layer.Has("output_roi") ? "output_roi" : "output_size");
        if (cells is not [>= 1 and <= 1 << 10, >= 1 and <= 1 << 10])
            throw new LayerException($"{Shapes.Describe(cells)} cells are not possible");

        var regions = new RegionList(graph, graph.Cast(layer.Input(1), TensorElementType.Float32));
        Value pooled = layer.Text("method", "max") switch
        {
            "max" => Largest(graph, x, regions, cells, layer.Float("spatial_scale")),
            "bilinear" => Samples(graph, x, regions, cells),
            var other => throw new LayerException($"method '{other}' is not known"),
        };
        return [graph.Cast(regions.Ended(pooled), layer.Input(0).ElementType)];
    }

    private static Value Samples(GraphBuilder graph, Value x, RegionList regions, long[] cells)
    {
        (Value x1, Value y1, Value x2, Value y2) = regions.Corners;
        Value rows = BilinearGrid.Positions(graph, y1, y2, cells[0], x.Shape[2]);
        Value columns = BilinearGrid.Positions(graph, x1, x2, cells[1], x.Shape[3]);
        return BilinearGrid.Sample(graph, x, regions.Images, rows, columns);
    }

    /// <summary>
    /// Each cell becomes a region of its own: ONNX's operation would divide in floats, which for some sizes takes an element
    /// too many into the last cell, while the engines divide whole numbers.
    /// </summary>
    private static Value Largest(GraphBuilder graph, Value x, RegionList regions, long[] cells, float scale)
    {
        (Value x1, Value y1, Value x2, Value y2) = regions.Corners;
        long count = regions.Count;
        (Value top, Value bottom) = Borders(graph, Scaled(y1), Scaled(y2), cells[0], x.Shape[2], [count, cells[0], 1, 1]);
        (Value left, Value right) = Borders(graph, Scaled(x1), Scaled(x2), cells[1], x.Shape[3], [count, 1, cells[1], 1]);

        Value one = graph.Number(1, TensorElementType.Int64);
        Value[] columns = [graph.Reshape(regions.Images, [count, 1, 1, 1]), left, top, graph.Subtract(right, one), graph.Subtract(bottom, one)];
        Value everywhere = graph.Expand(graph.Number(0, TensorElementType.Int64), [1, .. cells, 1]);
        Value rows = graph.Concat([.. columns.Select(column => graph.Add(column, everywhere))], 3);
        long all = count < 0 ? Shapes.Unknown : checked(count * cells[0] * cells[1]);
        Value largest = graph.MaxOfRegions(x, graph.Reshape(graph.Cast(rows, TensorElementType.Float32), [all, 5]));

        Value filled = graph.Logical("And", graph.Compare("Less", left, right), graph.Compare("Less", top, bottom));
        Value grid = graph.Where(filled, graph.Reshape(largest, [count, .. cells, x.Shape[1]]), graph.Float(0));
        return graph.Transpose(grid, [0, 3, 1, 2]);

        Value Scaled(Value coordinate) =>
            graph.Cast(graph.RoundAwayFromZero(graph.Multiply(coordinate, graph.Float(scale))), TensorElementType.Int64);
    }

    /// <returns>The first element of each cell and the one after its last, Int64.</returns>
    private static (Value Begin, Value End) Borders(GraphBuilder graph, Value first, Value last, long cells, long size, long[] shape)
    {
        Value one = graph.Number(1, TensorElementType.Int64);
        Value divisor = graph.Number(cells, TensorElementType.Int64);
        Value length = graph.Binary("Max", graph.Add(graph.Subtract(last, first), one), one);
        Value index = graph.Reshape(graph.Range(0, cells, 1), [1, cells]);
        Value begin = graph.Divide(graph.Multiply(index, length), divisor);
        Value end = graph.Divide(graph.Add(graph.Multiply(graph.Add(index, one), length), graph.Number(cells - 1, TensorElementType.Int64)), divisor);
        return (Limited(begin), Limited(end));

        Value Limited(Value border) => graph.Reshape(graph.Clip(graph.Add(border, first), 0, size), shape);
    }
}
