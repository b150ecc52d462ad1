using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Pooling to a given size, whose windows may differ in size and overlap.</summary>
internal sealed partial class GraphBuilder
{
    /// <param name="x">[N, C, spatial…], the spatial sizes known.</param>
    /// <param name="sizes">The result's spatial sizes.</param>
    public Value AdaptiveAveragePool(Value x, long[] sizes)
    {
        AdaptiveWindows[] windows = AdaptiveWindows.Of(x.Shape, sizes);
        if (windows.All(static w => w.IsRegular))
            return AveragePool(x, Regular(windows), countPads: false);

        // The mean of each row of the image, then of each column: a product with a matrix of 1 / window size.
        for (int i = 0; i < windows.Length; i++)
            x = AlongAxis(x, i + 2, image => MatMul(Constant(Means(windows[i])), image), windows[i].Count);
        return x;
    }

    /// <param name="x">[N, C, spatial…], the spatial sizes known.</param>
    /// <param name="sizes">The result's spatial sizes.</param>
    /// <returns>The maxima, and where they stand in the flattened spatial axes, as Int64.</returns>
    public (Value Values, Value Indices) AdaptiveMaxPool(Value x, long[] sizes)
    {
        AdaptiveWindows[] windows = AdaptiveWindows.Of(x.Shape, sizes);
        if (windows.All(static w => w.IsRegular))
        {
            Window regular = Regular(windows);
            Value places = Binary("Mod", MaxPoolIndices(x, regular)!, Ints(Shapes.Count([.. x.Shape.Skip(2)])));
            return (MaxPool(x, regular), places);
        }

        (Value cells, long[] kernel) = Cells(x, windows);
        Value best = Add("ArgMax", [cells], TensorElementType.Int64, [.. cells.Shape.SkipLast(1)], ("axis", -1L), ("keepdims", 0L));
        return (Reduce("ReduceMax", cells, [-1], keepDimensions: false), Places(best, windows, kernel));
    }

    private static Window Regular(AdaptiveWindows[] windows)
    {
        long[] kernel = [.. windows.Select(static w => w.Longest)];
        return new Window(kernel, kernel, [.. kernel.Select(static _ => 1L)], new long[kernel.Length], new long[kernel.Length]);
    }

    /// <summary>Applies an operation to the axis seen as rows [rows before, axis, rows after].</summary>
    private Value AlongAxis(Value x, int axis, Func<Value, Value> apply, long resultSize)
    {
        Value rows = Reshape(x, [Shapes.Unknown, x.Shape[axis], Shapes.Count([.. x.Shape.Skip(axis + 1)])]);
        long[] shape = [.. x.Shape];
        shape[axis] = resultSize;
        return Reshape(apply(rows), shape);
    }

    private Constant Means(AdaptiveWindows windows)
    {
        byte[] bytes = Allocate(TensorElementType.Float32, [windows.Count, windows.Size]);
        Span<float> means = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < windows.Count; i++)
        {
            (int start, int length) = ((int)windows.Start(i), (int)(windows.End(i) - windows.Start(i)));
            means.Slice((i * (int)windows.Size) + start, length).Fill(1f / length);
        }

        return new Constant(TensorElementType.Float32, [windows.Count, windows.Size], bytes);
    }

    /// <summary>The elements of each window, [N, C, windows…, cells]. Short windows repeat their last element.</summary>
    private (Value Cells, long[] Kernel) Cells(Value x, AdaptiveWindows[] windows)
    {
        long[] kernel = [.. windows.Select(static w => w.Longest)];
        for (int i = 0; i < windows.Length; i++)
        {
            AdaptiveWindows along = windows[i];
            long longest = kernel[i];
            IEnumerable<long> places = Enumerable.Range(0, Shapes.Length(along.Count))
                .SelectMany(window => Enumerable.Range(0, (int)longest).Select(cell => Math.Min(along.Start(window) + cell, along.End(window) - 1)));
            x = Gather(x, Reshape(Ints([.. places]), [along.Count, longest]), 2 + (2 * i));
        }

        long[] order = [0, 1, .. windows.Select(static (_, i) => 2L + (2 * i)), .. windows.Select(static (_, i) => 3L + (2 * i))];
        long[] shape = [.. x.Shape.Take(2), .. windows.Select(static w => w.Count), Shapes.Count(kernel)];
        return (Reshape(Transpose(x, order), shape), kernel);
    }

    /// <summary>From cells within windows to places in the flattened spatial axes.</summary>
    private Value Places(Value cells, AdaptiveWindows[] windows, long[] kernel)
    {
        Value? places = null;
        long inner = Shapes.Count(kernel);
        for (int i = 0; i < windows.Length; i++)
        {
            AdaptiveWindows along = windows[i];
            inner /= kernel[i];
            Value cell = Binary("Mod", Divide(cells, Ints(inner)), Ints(kernel[i]));
            Value starts = Ints([.. Enumerable.Range(0, Shapes.Length(along.Count)).Select(window => along.Start(window))]);
            Value place = Add(cell, Reshape(starts, [along.Count, .. Enumerable.Repeat(1L, windows.Length - 1 - i)]));
            places = places is null ? place : Add(Multiply(places, Ints(along.Size)), place);
        }

        return places!;
    }
}
