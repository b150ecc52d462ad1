namespace EdgeInference.Models.Graphs;

/// <summary>A transposed convolution's window.</summary>
/// <param name="Window">The kernel, its steps, and how much is cut off the whole result at each end.</param>
/// <param name="Added">How many elements are added at the end of each axis.</param>
internal sealed record TransposedWindow(Window Window, long[] Added)
{
    private const long MostAdded = 1 << 24;

    /// <summary>The window with at each end of an axis either elements cut off or elements added.</summary>
    /// <param name="window">The kernel and its steps, and the pads to be cut off.</param>
    /// <param name="added">What comes back at the ends.</param>
    public static TransposedWindow Of(Window window, long[] added)
    {
        RequireAdded(window, added);
        return Of(window, window.PadsBegin, [.. window.PadsEnd.Zip(added, static (pad, a) => pad - a)]);
    }

    /// <summary>The window that gives the wanted sizes, beginning where the window does.</summary>
    public static TransposedWindow Cut(Window window, IReadOnlyList<long> shape, IReadOnlyList<long> sizes) =>
        Of(window, window.PadsBegin, [.. Surplus(window, shape, sizes).Zip(window.PadsBegin, static (surplus, begin) => surplus - begin)]);

    /// <summary>The window that gives the wanted sizes, as much cut off at one end as at the other.</summary>
    /// <param name="window">The kernel and its steps; its pads do not count.</param>
    /// <param name="shape">The input's shape, [N, C, spatial…].</param>
    /// <param name="sizes">The spatial sizes of the result.</param>
    /// <param name="added">How much of them comes back at the ends after the cut.</param>
    /// <param name="oneMoreAtBegin">Which end gives one more where they cannot be equal.</param>
    public static TransposedWindow CutEvenly(Window window, IReadOnlyList<long> shape, IReadOnlyList<long> sizes, long[] added, bool oneMoreAtBegin)
    {
        RequireAdded(window, added);
        long[] surplus = Surplus(window, shape, sizes);
        long[] begin = [.. surplus.Zip(added, (s, a) => (Math.Max(s + a, 0) + (oneMoreAtBegin ? 1 : 0)) / 2)];
        return Of(window, begin, [.. surplus.Zip(begin, static (s, b) => s - b)]);
    }

    /// <param name="shape">The input's shape, [N, C, spatial…].</param>
    public long[] OutputSizes(IReadOnlyList<long> shape)
    {
        var sizes = new long[Window.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i + 2] < 0 ? Shapes.Unknown : Whole(Window, shape, i) - Window.PadsBegin[i] - Window.PadsEnd[i] + Added[i];
            if (shape[i + 2] >= 0 && sizes[i] < 1)
                throw new LayerException($"nothing is left of axis {i + 2} after pads of {Window.PadsBegin[i]} and {Window.PadsEnd[i]} are cut off");
        }

        return sizes;
    }

    private static TransposedWindow Of(Window window, long[] begin, long[] end) => new(
        new Window(window.Kernel, window.Strides, window.Dilations, begin, Array.ConvertAll(end, static pad => Math.Max(pad, 0))),
        Array.ConvertAll(end, static pad => Math.Max(-pad, 0)));

    private static void RequireAdded(Window window, long[] added)
    {
        if (added.Length != window.Rank || added.Any(static a => a is < 0 or > MostAdded))
            throw new LayerException($"output padding {Shapes.Describe(added)} does not fit {window.Rank} kernel sizes");
    }

    private static long[] Surplus(Window window, IReadOnlyList<long> shape, IReadOnlyList<long> sizes)
    {
        if (sizes.Count != window.Rank || sizes.Any(static size => size is < 1 or > MostAdded))
            throw new LayerException($"{Shapes.Describe(sizes)} are not the sizes of {window.Rank} axes");
        if (shape.Skip(2).Any(static size => size < 0))
            throw new LayerException("wanted sizes need an input whose sizes are known at load");
        return [.. sizes.Select((size, i) => Whole(window, shape, i) - size)];
    }

    private static long Whole(Window window, IReadOnlyList<long> shape, int axis) =>
        checked(((shape[axis + 2] - 1) * window.Strides[axis]) + window.Extent(axis));
}
