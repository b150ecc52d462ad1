using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>The attributes that describe kernel windows in opset layers.</summary>
internal static class OpsetWindow
{
    /// <summary>A convolution's window.</summary>
    public static Window ForConvolution(LayerSource layer, IReadOnlyList<long> inputShape, long[] kernel) =>
        AutoPad(layer, inputShape, Read(layer, kernel));

    /// <summary>A pooling layer's window, with end pads that give the sizes its rounding asks for.</summary>
    public static Window ForPooling(LayerSource layer, IReadOnlyList<long> inputShape)
    {
        Window window = AutoPad(layer, inputShape, Read(layer, layer.Ints("kernel")));
        string rounding = layer.Text("rounding_type", "floor");
        return rounding switch
        {
            "floor" => window,
            "ceil" or "ceil_torch" => window.Fit(inputShape, CeilSizes(window, inputShape, dropOutside: rounding is "ceil_torch")),
            _ => throw new LayerException($"rounding_type '{rounding}' is not known"),
        };
    }

    /// <summary>
    /// A transposed convolution's window. Automatic pads only share out what wanted sizes leave over: without such sizes
    /// nothing is cut off.
    /// </summary>
    public static TransposedWindow ForTransposedConvolution(LayerSource layer, IReadOnlyList<long> inputShape, long[] kernel, long[]? sizes)
    {
        Window window = Read(layer, kernel);
        RequireRank(inputShape, window);
        long[] added = layer.Ints("output_padding", new long[kernel.Length]);
        switch (layer.Text("auto_pad", "explicit"))
        {
            case "explicit" or "notset":
                break;
            case "same_upper" or "same_lower" when sizes is not null:
                // The odd one goes to the begin for same_upper: the other way round than in a convolution, and than in legacy files.
                return TransposedWindow.CutEvenly(window, inputShape, sizes, added, oneMoreAtBegin: layer.Text("auto_pad") is "same_upper");
            case "same_upper" or "same_lower" or "valid":
                window = window.Valid();
                break;
            case var other:
                throw new LayerException($"auto_pad '{other}' is not known");
        }

        return sizes is null ? TransposedWindow.Of(window, added) : TransposedWindow.Cut(window, inputShape, sizes);
    }

    private static Window Read(LayerSource layer, long[] kernel)
    {
        var ones = new long[kernel.Length];
        Array.Fill(ones, 1);
        return new Window(
            kernel,
            layer.Ints("strides", ones),
            layer.Ints("dilations", ones),
            layer.Ints("pads_begin", new long[kernel.Length]),
            layer.Ints("pads_end", new long[kernel.Length]));
    }

    private static Window AutoPad(LayerSource layer, IReadOnlyList<long> inputShape, Window window)
    {
        RequireRank(inputShape, window);
        return layer.Text("auto_pad", "explicit") switch
        {
            "explicit" or "notset" => window,
            "valid" => window.Valid(),
            "same_upper" => window.Same(inputShape, upper: true),
            "same_lower" => window.Same(inputShape, upper: false),
            var other => throw new LayerException($"auto_pad '{other}' is not known"),
        };
    }

    private static void RequireRank(IReadOnlyList<long> inputShape, Window window)
    {
        if (inputShape.Count != window.Rank + 2)
            throw new LayerException($"input {Shapes.Describe(inputShape)} does not fit {window.Rank} kernel sizes");
    }

    private static long[] CeilSizes(Window window, IReadOnlyList<long> inputShape, bool dropOutside)
    {
        long[] sizes = window.OutputSizes(inputShape);
        for (int i = 0; i < sizes.Length; i++)
        {
            long size = inputShape[i + 2];
            if (size < 0)
                throw new LayerException("rounding up needs sizes that are known at load");
            long room = size + window.PadsBegin[i] + window.PadsEnd[i] - window.Extent(i);
            sizes[i] = ((room + window.Strides[i] - 1) / window.Strides[i]) + 1;
            if (dropOutside && (sizes[i] - 1) * window.Strides[i] >= size + window.PadsBegin[i])
                sizes[i]--;
        }

        return sizes;
    }
}
