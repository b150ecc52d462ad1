namespace EdgeInference.Models.Graphs;

/// <summary>How a kernel walks over the spatial axes, outermost axis first. Output sizes are rounded down.</summary>
internal sealed record Window
{
    private const long Largest = 1 << 24;

    public Window(long[] kernel, long[] strides, long[] dilations, long[] padsBegin, long[] padsEnd)
    {
        if (new[] { strides, dilations, padsBegin, padsEnd }.Any(list => list.Length != kernel.Length))
            throw new LayerException("kernel, strides, dilations and pads are not of one length");
        if (kernel.Concat(strides).Concat(dilations).Any(static v => v is < 1 or > Largest))
            throw new LayerException("kernel sizes, strides and dilations must be from 1 to 2^24");
        if (padsBegin.Concat(padsEnd).Any(static v => v is < 0 or > Largest))
            throw new LayerException("pads must be from 0 to 2^24");
        (Kernel, Strides, Dilations, PadsBegin, PadsEnd) = (kernel, strides, dilations, padsBegin, padsEnd);
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    public long[] PadsBegin { get; private init; }

    public long[] PadsEnd { get; private init; }

    /// <summary>ONNX's form: all begins, then all ends.</summary>
    public long[] Pads => [.. PadsBegin, .. PadsEnd];

    public int Rank => Kernel.Length;

    /// <param name="shape">The input's whole shape, [N, C, spatial…].</param>
    public long[] OutputSizes(IReadOnlyList<long> shape)
    {
        var sizes = new long[Rank];
        for (int i = 0; i < Rank; i++)
        {
            if (shape[i + 2] < 0)
            {
                sizes[i] = Shapes.Unknown;
                continue;
            }

            long room = checked(shape[i + 2] + PadsBegin[i] + PadsEnd[i]) - Extent(i);
            if (room < 0)
                throw new LayerException($"a kernel of {Extent(i)} does not fit into {shape[i + 2]} with its pads");
            sizes[i] = (room / Strides[i]) + 1;
        }

        return sizes;
    }

    /// <summary>The pads of TensorFlow's "same": as many outputs as ceil(input / stride).</summary>
    public Window Same(IReadOnlyList<long> shape, bool upper)
    {
        var begin = new long[Rank];
        var end = new long[Rank];
        for (int i = 0; i < Rank; i++)
        {
            long size = shape[i + 2];
            if (size < 0)
                throw new LayerException("auto_pad same needs sizes that are known at load");
            long total = Math.Max(0, ((((size + Strides[i] - 1) / Strides[i]) - 1) * Strides[i]) + Extent(i) - size);
            begin[i] = upper ? total / 2 : total - (total / 2);
            end[i] = total - begin[i];
        }

        return this with { PadsBegin = begin, PadsEnd = end };
    }

    public Window Valid() => this with { PadsBegin = new long[Rank], PadsEnd = new long[Rank] };

    /// <summary>The window with end pads such that the output has the given sizes, all windows starting where they did.</summary>
    public Window Fit(IReadOnlyList<long> shape, IReadOnlyList<long> sizes)
    {
        var end = new long[Rank];
        for (int i = 0; i < Rank; i++)
        {
            long needed = checked(((sizes[i] - 1) * Strides[i]) + Extent(i) - shape[i + 2] - PadsBegin[i]);
            end[i] = Math.Max(0, needed);
        }

        return this with { PadsEnd = end };
    }

    /// <summary>Whether there is one window, and it is the whole input.</summary>
    public bool IsWhole(IReadOnlyList<long> shape) =>
        Kernel.SequenceEqual(shape.Skip(2)) && Pads.All(static pad => pad == 0) && Dilations.All(static d => d == 1);

    /// <summary>How far a kernel reaches along an axis.</summary>
    public long Extent(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;
}
