using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Bilinear samples on a grid in each region, 0 outside the image.</summary>
internal static class BilinearGrid
{
    /// <summary>Where the samples of one axis are: evenly from the first to the last element of the region, or in its middle.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="begin">The region's begin in parts of the image, [regions, 1].</param>
    /// <param name="end">Its end.</param>
    /// <param name="count">Samples.</param>
    /// <param name="size">Elements of the image on this axis.</param>
    /// <returns>[regions, count].</returns>
    public static Value Positions(GraphBuilder graph, Value begin, Value end, long count, long size)
    {
        Value last = graph.Float(size - 1);
        if (count == 1)
            return graph.Multiply(graph.Multiply(graph.Add(begin, end), graph.Float(0.5f)), last);
        Value step = graph.Divide(graph.Multiply(graph.Subtract(end, begin), last), graph.Float(count - 1));
        Value steps = graph.Reshape(graph.Range(0f, count - 1, 1f), [1, count - 1]);
        Value inner = graph.Add(graph.Multiply(steps, step), graph.Multiply(begin, last));

        // The last is not a sum of steps, whose rounding might lead out of the image.
        return graph.Concat([inner, graph.Multiply(end, last)], 1);
    }

    /// <param name="graph">The graph.</param>
    /// <param name="x">[N, C, H, W], sizes known.</param>
    /// <param name="images">The image of each region, Int64 [regions, 1].</param>
    /// <param name="rows">Positions down, [regions, samples down].</param>
    /// <param name="columns">Positions across, [regions, samples across].</param>
    /// <returns>[regions, C, samples down, samples across].</returns>
    public static Value Sample(GraphBuilder graph, Value x, Value images, Value rows, Value columns)
    {
        (long channels, long height, long width) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        long regions = rows.Shape[0];
        (long down, long across) = (rows.Shape[1], columns.Shape[1]);
        Axis y = Locate(graph, rows, height, [regions, down, 1]);
        Axis c = Locate(graph, columns, width, [regions, 1, across]);

        Value pixels = graph.Reshape(graph.Transpose(x, [0, 2, 3, 1]), [x.Shape[0] < 0 ? Shapes.Unknown : x.Shape[0] * height * width, channels]);
        Value image = graph.Multiply(graph.Reshape(images, [regions, 1, 1]), Whole(height * width));
        Value weight = graph.Unsqueeze(c.Weight, [3]);
        Value top = Between(Pixel(y.Low, c.Low), Pixel(y.Low, c.High), weight);
        Value bottom = Between(Pixel(y.High, c.Low), Pixel(y.High, c.High), weight);
        Value sampled = Between(top, bottom, graph.Unsqueeze(y.Weight, [3]));
        Value inside = graph.Unsqueeze(graph.Logical("And", y.Inside, c.Inside), [3]);
        return graph.Transpose(graph.Where(inside, sampled, graph.Float(0)), [0, 3, 1, 2]);

        Value Pixel(Value row, Value column) =>
            graph.Gather(pixels, graph.Add(graph.Add(image, graph.Multiply(row, Whole(width))), column), 0);

        Value Between(Value first, Value second, Value part) =>
            graph.Add(first, graph.Multiply(graph.Subtract(second, first), part));

        Value Whole(long number) => graph.Number(number, TensorElementType.Int64);
    }

    private static Axis Locate(GraphBuilder graph, Value positions, long size, long[] shape)
    {
        Value position = graph.Reshape(positions, shape);
        Value inside = graph.Logical("And", graph.Compare("GreaterOrEqual", position, graph.Float(0)), graph.Compare("LessOrEqual", position, graph.Float(size - 1)));
        Value clipped = graph.Clip(position, 0, size - 1);
        Value low = graph.Unary("Floor", clipped);
        return new Axis(Index(low), Index(graph.Unary("Ceil", clipped)), graph.Subtract(clipped, low), inside);

        Value Index(Value x) => graph.Cast(x, TensorElementType.Int64);
    }

    /// <summary>The elements around each position, how far it is from the first to the second, and whether it is in the image.</summary>
    private sealed record Axis(Value Low, Value High, Value Weight, Value Inside);
}
