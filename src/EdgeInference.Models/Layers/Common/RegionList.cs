using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>A list of regions to pool, rows (image, x1, y1, x2, y2); a row with image -1 ends it, and what follows gives zeros.</summary>
internal sealed class RegionList
{
    private readonly GraphBuilder _graph;
    private readonly Value _rows;
    private readonly Value _valid;

    public RegionList(GraphBuilder graph, Value rows)
    {
        if (rows.Rank != 2 || rows.Shape[1] != 5)
            throw new LayerException($"the regions are {Shapes.Describe(rows.Shape)}, not rows of 5 numbers");
        (_graph, _rows) = (graph, rows);
        Value image = Column(0);
        Value ended = graph.Cast(graph.Compare("Less", image, graph.Float(0)), TensorElementType.Float32);
        _valid = graph.Compare("Equal", graph.CumulativeSum(ended, 0, exclusive: false, reverse: false), graph.Float(0));
        Images = graph.Cast(graph.Where(_valid, image, graph.Float(0)), TensorElementType.Int64);
    }

    /// <summary>The features that regions are pooled from, [N, C, H, W] of known size, as floats.</summary>
    public static Value Features(GraphBuilder graph, Value x) =>
        x.Rank == 4 && x.Shape.Skip(1).All(static size => size > 0)
            ? graph.Cast(x, TensorElementType.Float32)
            : throw new LayerException($"its features are {Shapes.Describe(x.Shape)}, not images of known size");

    /// <summary>How many; may be unknown.</summary>
    public long Count => _rows.Shape[0];

    /// <summary>The image of each region, Int64 [regions, 1].</summary>
    public Value Images { get; }

    /// <summary>The coordinates (x1, y1, x2, y2), each [regions, 1].</summary>
    public (Value X1, Value Y1, Value X2, Value Y2) Corners => (Column(1), Column(2), Column(3), Column(4));

    /// <summary>What was pooled, [regions, C, rows, columns], with zeros where the list has ended.</summary>
    public Value Ended(Value pooled) =>
        _graph.Where(_graph.Reshape(_valid, [Count, 1, 1, 1]), pooled, _graph.Float(0));

    private Value Column(int index) => _graph.Slice(_rows, [AxisSlice.Whole(Count), new AxisSlice(index, 1, 1)]);
}
