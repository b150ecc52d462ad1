using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Resizes axes of a tensor, each on its own: with Resize where ONNX's is the same, else with gathers and small matrices.</summary>
internal static class Resampling
{
    /// <summary>Every new element is an old one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">The tensor, of any type.</param>
    /// <param name="axes">The axes to resize.</param>
    /// <param name="source">Which old element of an axis a new one is; limited to those that there are.</param>
    public static Value Nearest(GraphBuilder graph, Value x, IReadOnlyList<ResizedAxis> axes, Func<ResizedAxis, long, long> source)
    {
        Value[] sources = [.. axes.Select(axis => graph.Ints(Sources(axis, source)))];
        bool asResize = x.Constant is null && HasResize(x.ElementType) && axes.Zip(sources).All(static pair => IsAsymmetricFloor(pair.First, pair.Second.Constant!.ToInts()));
        if (asResize && Factors.Of(x, axes) is { } factors)
            return graph.ResizeNearest(x, factors.Scales, factors.Shape);
        for (int i = 0; i < axes.Count; i++)
        {
            if (axes[i].Scale != 1)
                x = graph.Gather(x, sources[i], axes[i].Axis);
        }

        return x;
    }

    /// <summary>Linear interpolation; what lies beyond the ends is as the outermost element.</summary>
    public static Value Linear(GraphBuilder graph, Value x, IReadOnlyList<ResizedAxis> axes, CoordinateMode coordinates)
    {
        bool asResize = x.ElementType == TensorElementType.Float32 && IsImage(x.Rank, axes);
        return asResize && OnnxName(coordinates) is { } name && Factors.Of(x, axes) is { } factors
            ? graph.ResizeLinear(x, factors.Scales, factors.Shape, name)
            : Filtered(graph, x, axes, (axis, index, weights) => ResampleFilter.Triangle.FillClamped(weights, axis.Position(index, coordinates)));
    }

    /// <summary>Every new element is a weighted sum of old ones. Bytes are computed as floats and rounded.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes to resize.</param>
    /// <param name="fill">Writes the weights of an axis's old elements in a new one over zeros.</param>
    public static Value Filtered(GraphBuilder graph, Value x, IReadOnlyList<ResizedAxis> axes, Action<ResizedAxis, long, Span<float>> fill)
    {
        (double lowest, double highest) = x.ElementType switch
        {
            TensorElementType.Float32 => (double.NegativeInfinity, double.PositiveInfinity),
            TensorElementType.UInt8 => (byte.MinValue, byte.MaxValue),
            TensorElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            _ => throw new LayerException($"interpolating between elements of {x.ElementType} is not supported"),
        };
        Value sums = graph.Cast(x, TensorElementType.Float32);

        // What shrinks goes first: the matrices after it have less to do.
        foreach (ResizedAxis axis in axes.Where(static axis => axis.Scale != 1).OrderBy(static axis => axis.Scale))
            sums = graph.MapAxis(sums, axis.Axis, axis.NewSize, (index, weights) => fill(axis, index, weights));
        return x.ElementType == TensorElementType.Float32 ? sums : graph.Cast(graph.Clip(graph.Unary("Round", sums), lowest, highest), x.ElementType);
    }

    private static long[] Sources(ResizedAxis axis, Func<ResizedAxis, long, long> source)
    {
        var sources = new long[Shapes.Length(axis.NewSize)];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = Math.Clamp(source(axis, i), 0, axis.Size - 1);
        return sources;
    }

    private static bool IsAsymmetricFloor(ResizedAxis axis, long[] sources) =>
        sources.Select((source, i) => source == Math.Min((long)axis.Position(i, CoordinateMode.Asymmetric), axis.Size - 1)).All(static same => same);

    /// <summary>Whether the axes are those of images, channels first or last: for volumes ONNX Runtime's Resize is slower than matrices.</summary>
    private static bool IsImage(int rank, IReadOnlyList<ResizedAxis> axes)
    {
        int[] resized = [.. axes.Where(static axis => axis.Scale != 1).Select(static axis => axis.Axis)];
        return rank == 4 && (resized.All(static axis => axis is 2 or 3) || resized.All(static axis => axis is 1 or 2));
    }

    private static bool HasResize(TensorElementType type) =>
        type is TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.UInt8 or TensorElementType.Int8;

    private static string? OnnxName(CoordinateMode coordinates) => coordinates switch
    {
        CoordinateMode.HalfPixel => "half_pixel",
        CoordinateMode.PytorchHalfPixel => "pytorch_half_pixel",
        CoordinateMode.Asymmetric => "asymmetric",
        CoordinateMode.AlignCorners => "align_corners",
        _ => null,
    };

    /// <summary>What ONNX's Resize is told.</summary>
    /// <param name="Scales">One for each axis; null where the sizes' ratios are the scales.</param>
    /// <param name="Shape">The result's shape.</param>
    private sealed record Factors(float[]? Scales, long[] Shape)
    {
        /// <summary>Null where neither scales nor sizes would give the same sizes and positions.</summary>
        public static Factors? Of(Value x, IReadOnlyList<ResizedAxis> axes)
        {
            float[] scales = [.. x.Shape.Select(static _ => 1f)];
            long[] shape = [.. x.Shape];
            foreach (ResizedAxis axis in axes)
                (scales[axis.Axis], shape[axis.Axis]) = (axis.Scale, axis.NewSize);
            if (axes.All(static axis => axis.ScaleGivesSize))
                return new(scales, shape);
            return x.IsStatic && axes.All(static axis => axis.ScaleIsRatio) ? new(null, shape) : null;
        }
    }
}
