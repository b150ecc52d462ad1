namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="weights">[M, C / groups, kernel…].</param>
    /// <param name="bias">[M], or null.</param>
    /// <param name="window">The kernel's steps and pads; its size is taken from the weights.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    public Value Convolution(Value x, Value weights, Value? bias, Window window, long groups)
    {
        if (x.Rank < 3 || weights.Rank != x.Rank || window.Rank != x.Rank - 2)
            throw new LayerException($"input {Shapes.Describe(x.Shape)}, weights {Shapes.Describe(weights.Shape)} and {window.Rank} strides do not fit together");
        if (x.Shape[1] >= 0 && weights.IsStatic && (groups < 1 || checked(weights.Shape[1] * groups) != x.Shape[1] || weights.Shape[0] % groups != 0))
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

    public Value MaxPool(Value x, Window window) => Pool("MaxPool", x, window, ("dilations", window.Dilations));

    /// <param name="x">[N, C, spatial…].</param>
    /// <param name="window">The windows.</param>
    /// <param name="countPads">Whether cells in the padding count in the divisor.</param>
    public Value AveragePool(Value x, Window window, bool countPads) =>
        Pool("AveragePool", x, window, ("count_include_pad", countPads ? 1L : 0L));

    private Value Pool(string operation, Value x, Window window, NodeAttribute option)
    {
        if (x.Rank < 3 || window.Rank != x.Rank - 2)
            throw new LayerException($"input {Shapes.Describe(x.Shape)} does not fit {window.Rank} kernel sizes");
        for (int i = 0; i < window.Rank; i++)
        {
            if (Math.Max(window.PadsBegin[i], window.PadsEnd[i]) >= ((window.Kernel[i] - 1) * window.Dilations[i]) + 1)
                throw new LayerException("a window would lie wholly in the padding");
        }

        long[] shape = [x.Shape[0], x.Shape[1], .. window.OutputSizes(x.Shape)];
        return Add(operation, [x], x.ElementType, shape, ("kernel_shape", window.Kernel), ("strides", window.Strides), ("pads", window.Pads), option);
    }
}
