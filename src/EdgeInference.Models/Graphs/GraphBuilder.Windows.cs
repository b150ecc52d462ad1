using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Operations that move a kernel over the spatial axes.</summary>
internal sealed partial class GraphBuilder
{
    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="weights">[M, C / groups, kernel…].</param>
    /// <param name="bias">[M], or null.</param>
    /// <param name="window">The kernel's steps and pads; its size is the weights'.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    public Value Convolution(Value x, Value weights, Value? bias, Window window, long groups)
    {
        RequireConvolution(x, weights, window);
        if (x.Shape[1] >= 0 && (groups < 1 || checked(weights.Shape[1] * groups) != x.Shape[1] || weights.Shape[0] % groups != 0))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} and weights {Shapes.Describe(weights.Shape)} do not fit {groups} groups");
        long[] shape = [x.Shape[0], weights.Shape[0], .. window.OutputSizes(x.Shape)];
        return Add(
            "Conv",
            [x, weights, bias],
            x.ElementType,
            shape,
            ("kernel_shape", window.Kernel),
            ("strides", window.Strides),
            ("pads", window.Pads),
            ("dilations", window.Dilations),
            ("group", groups));
    }

    /// <summary>What a convolution's gradient does: every input element spreads the kernel over the output.</summary>
    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="weights">[C, M / groups, kernel…].</param>
    /// <param name="bias">[M], or null.</param>
    /// <param name="window">The kernel's steps, and pads that are cut off the result.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    public Value TransposedConvolution(Value x, Value weights, Value? bias, TransposedWindow window, long groups)
    {
        RequireConvolution(x, weights, window.Window);
        if (groups < 1 || weights.Shape[0] % groups != 0 || (x.Shape[1] >= 0 && weights.Shape[0] != x.Shape[1]))
            throw new LayerException($"input {Shapes.Describe(x.Shape)} and weights {Shapes.Describe(weights.Shape)} do not fit {groups} groups");

        // ONNX adds less than a stride at the end; more of it is as many zeros, to which the bias comes later.
        Window steps = window.Window;
        long[] zeros = [.. window.Added.Select((added, i) => added < steps.Strides[i] ? 0 : added)];
        bool beyond = zeros.Any(static z => z > 0);
        long[] added = [.. window.Added.Select((a, i) => a - zeros[i])];
        long outputs = checked(weights.Shape[1] * groups);
        Value result = Add(
            "ConvTranspose",
            [x, weights, beyond ? null : bias],
            x.ElementType,
            [x.Shape[0], outputs, .. (window with { Added = added }).OutputSizes(x.Shape)],
            ("kernel_shape", steps.Kernel),
            ("strides", steps.Strides),
            ("pads", steps.Pads),
            ("dilations", steps.Dilations),
            ("output_padding", added),
            ("group", groups));
        if (!beyond)
            return result;
        result = Pad(result, new long[x.Rank], [0, 0, .. zeros], PadMode.Constant);
        return bias is null ? result : Add(result, PerChannel(bias, x.Rank));
    }

    public Value MaxPool(Value x, Window window)
    {
        (x, window) = PadFirst(KeepPads(x), Fitted(x, window), float.MinValue);
        return window.IsWhole(x.Shape)
            ? Pool("GlobalMaxPool", x, window)
            : Pool("MaxPool", x, window, [.. Attributes(window), ("dilations", window.Dilations)]);
    }

    /// <summary>Where each maximum stands in the whole input, as Int64; null where a window may lie in the padding alone.</summary>
    public Value? MaxPoolIndices(Value x, Window window)
    {
        window = Fitted(x, window);
        if (HasLargePads(window))
            return null;
        long[] shape = [x.Shape[0], x.Shape[1], .. window.OutputSizes(x.Shape)];
        var indices = new Value(LayerName, TensorElementType.Int64, shape);
        Add(new Node("MaxPool", [x], [new Value(LayerName, x.ElementType, shape), indices], [.. Attributes(window), ("dilations", window.Dilations)]));
        return indices;
    }

    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="window">The windows, without dilations.</param>
    /// <param name="countPads">Whether the divisor is the whole kernel, or only what of it lies inside the input.</param>
    public Value AveragePool(Value x, Window window, bool countPads)
    {
        window = Fitted(x, window);
        if (window.Dilations.Any(static d => d != 1))
            throw new LayerException("dilations in average pooling are not supported");
        if (!countPads && HasLargePads(window))
            throw new LayerException("a window would lie wholly in the padding, where there is nothing to average");
        (x, window) = PadFirst(KeepPads(x), window, -0f);
        return window.IsWhole(x.Shape)
            ? Pool("GlobalAveragePool", x, window)
            : Pool("AveragePool", x, window, [.. Attributes(window), ("count_include_pad", countPads && window.Pads.Any(static p => p > 0) ? 1L : 0L)]);
    }

    /// <summary>A vector with one number for each channel, such that it broadcasts to [N, C, spatial…].</summary>
    public Value PerChannel(Value vector, int rank) =>
        Reshape(vector, [Shapes.Unknown, .. Enumerable.Repeat(1L, Math.Max(rank - 2, 0))]);

    private static void RequireConvolution(Value x, Value weights, Window window)
    {
        if (x.Rank < 3 || weights.Rank != x.Rank || window.Rank != x.Rank - 2 || !weights.IsStatic)
            throw new LayerException($"input {Shapes.Describe(x.Shape)}, weights {Shapes.Describe(weights.Shape)} and {window.Rank} strides do not fit together");
        if (x.ElementType != weights.ElementType || x.ElementType is not TensorElementType.Float32)
            throw new LayerException($"a convolution of {x.ElementType} with {weights.ElementType} is not supported");
    }

    /// <summary>The window without end pads that it does not reach.</summary>
    private static Window Fitted(Value x, Window window)
    {
        if (x.Rank < 3 || window.Rank != x.Rank - 2 || window.Rank > 3)
            throw new LayerException($"input {Shapes.Describe(x.Shape)} does not fit {window.Rank} kernel sizes");
        if (x.ElementType is not TensorElementType.Float32)
            throw new LayerException($"pooling {x.ElementType} is not supported");
        return Shapes.IsStatic([.. x.Shape.Skip(2)]) ? window.Fit(x.Shape, window.OutputSizes(x.Shape)) : window;
    }

    private static bool HasLargePads(Window window) =>
        Enumerable.Range(0, window.Rank).Any(i => Math.Max(window.PadsBegin[i], window.PadsEnd[i]) >= window.Kernel[i]);

    /// <summary>
    /// ONNX Runtime merges a Pad with zeros into the pooling after it, whose own pads are no elements: the maximum of
    /// negative numbers and the mean come out wrong. It leaves a Pad with negative zeros alone.
    /// </summary>
    private Value KeepPads(Value x) =>
        x.Producer is { Operation: "Pad" } pad && (pad.Inputs.ElementAtOrDefault(2) is not { } value || value.Constant?.ToFloats() is [0])
            ? Add(pad.Operation, [pad.Inputs[0], pad.Inputs[1], Float(-0f)], x.ElementType, [.. x.Shape], [.. pad.Attributes])
            : x;

    /// <summary>Pads that reach as far as the kernel, which ONNX Runtime does not take, become elements of the input.</summary>
    private (Value X, Window Window) PadFirst(Value x, Window window, float filler) =>
        HasLargePads(window)
            ? (Pad(x, [0, 0, .. window.PadsBegin], [0, 0, .. window.PadsEnd], PadMode.Constant, Float(filler)), window.Valid())
            : (x, window);

    private Value Pool(string operation, Value x, Window window, params NodeAttribute[] attributes) =>
        Add(operation, [x], x.ElementType, [x.Shape[0], x.Shape[1], .. window.OutputSizes(x.Shape)], attributes);

    private static NodeAttribute[] Attributes(Window window) =>
        [("kernel_shape", window.Kernel), ("strides", window.Strides), ("pads", window.Pads)];
}
