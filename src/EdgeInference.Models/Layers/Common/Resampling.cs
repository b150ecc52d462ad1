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
        long[][] sources = [.. axes.Select(axis => Sources(axis, source))];
        if (x.Constant is null && HasResize(x.ElementType) && axes.Zip(sources).All(static pair => IsRepetition(pair.First, pair.Second)))
            return graph.Repeat(x, Everywhere(x, 1L, axes, static axis => axis.NewSize / axis.Size));
        for (int i = 0; i < axes.Count; i++)
        {
            if (axes[i].Scale != 1)
                x = graph.Gather(x, graph.Ints(sources[i]), axes[i].Axis);
        }

        return x;
    }

    /// <summary>Linear interpolation; what lies beyond the ends is as the outermost element.</summary>
    public static Value Linear(GraphBuilder graph, Value x, IReadOnlyList<ResizedAxis> axes, CoordinateMode coordinates)
    {
        string? name = OnnxName(coordinates);
        bool byScales = axes.All(static axis => axis.ScaleGivesSize);
        bool bySizes = x.IsStatic && axes.All(static axis => axis.ScaleIsRatio);
        if (x.ElementType != TensorElementType.Float32 || name is null || !IsImage(x.Rank, axes) || !(byScales || bySizes))
            return Filtered(graph, x, axes, (axis, index, weights) => ResampleFilter.Triangle.FillClamped(weights, axis.Position(index, coordinates)));
        long[] shape = [.. x.Shape];
        foreach (ResizedAxis axis in axes)
            shape[axis.Axis] = axis.NewSize;
        return graph.ResizeLinear(x, byScales ? Everywhere(x, 1f, axes, static axis => axis.Scale) : null, shape, name);
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
        var sources = new long[axis.NewSize];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = Math.Clamp(source(axis, i), 0, axis.Size - 1);
        return sources;
    }

    private static bool IsRepetition(ResizedAxis axis, long[] sources) =>
        axis.NewSize % axis.Size == 0 && sources.Select(static (source, i) => (Source: source, Index: (long)i)).All(pair => pair.Source == pair.Index / (axis.NewSize / axis.Size));

    private static T[] Everywhere<T>(Value x, T unchanged, IReadOnlyList<ResizedAxis> axes, Func<ResizedAxis, T> resized)
    {
        T[] values = [.. x.Shape.Select(_ => unchanged)];
        foreach (ResizedAxis axis in axes)
            values[axis.Axis] = resized(axis);
        return values;
    }

    /// <summary>Whether the axes are those that ONNX Runtime interpolates along: of images or volumes, channels first, or of images with channels last.</summary>
    private static bool IsImage(int rank, IReadOnlyList<ResizedAxis> axes)
    {
        int[] resized = [.. axes.Where(static axis => axis.Scale != 1).Select(static axis => axis.Axis)];
        return rank is 4 or 5 && resized.All(static axis => axis >= 2) || rank == 4 && resized.All(static axis => axis is 1 or 2);
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
}
