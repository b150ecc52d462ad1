using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>x / (bias + alpha / size^n * S)^beta, where S is the sum of the squares in a window of size^n around.</summary>
    /// <param name="x">[N, C, …].</param>
    /// <param name="axes">The n axes of the window, without the first of the tensor.</param>
    /// <param name="size">The window's size; the engines let an even one reach as far as the odd one below it.</param>
    /// <param name="alpha">The factor of the mean square.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="bias">What is added to the mean square.</param>
    public Value LocalResponse(Value x, IReadOnlyList<long> axes, long size, float alpha, float beta, float bias)
    {
        int[] along = [.. axes.Select(axis => Shapes.Axis(axis, x.Rank)).Distinct().Order()];
        if (size is < 1 or > int.MaxValue || along.Contains(0))
            throw new LayerException($"windows of {size} along axes {string.Join(',', along)} are not supported");
        RequireFloats(x);
        long odd = size - 1 + (size % 2);
        alpha *= MathF.Pow((float)odd / size, along.Length);
        if (along is [1] && x.Rank == 4)
            return Unary("LRN", x, ("alpha", alpha), ("beta", beta), ("bias", bias), ("size", odd));

        Value response = Add(Multiply(MeanAround(Multiply(x, x), along, odd), Float(alpha)), Float(bias));
        return Divide(x, Binary("Pow", response, Float(beta)));
    }

    /// <summary>The mean over windows of an odd size along some axes, what lies outside counted as 0.</summary>
    private Value MeanAround(Value x, int[] along, long size)
    {
        if (along.Length == 0)
            return x;

        // Pooling leaves the first two axes alone: where the window goes along the channels, an axis is put before them.
        bool channels = along[0] == 1;
        Value pooled = channels ? Unsqueeze(x, [1]) : x;
        long[] kernel = [.. Enumerable.Range(channels ? 1 : 2, pooled.Rank - 2).Select(axis => along.Contains(axis) ? size : 1)];
        long[] pads = Array.ConvertAll(kernel, static k => k / 2);
        long[] ones = Array.ConvertAll(kernel, static _ => 1L);
        Value mean = AveragePool(pooled, new Window(kernel, ones, ones, pads, pads), countPads: true);
        return channels ? Squeeze(mean, [1]) : mean;
    }

    private static void RequireFloats(Value x)
    {
        if (x.ElementType is not TensorElementType.Float32)
            throw new LayerException($"normalising {x.ElementType} is not supported");
    }
}
