using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>With more channels the matrix of the windows is not worth its size.</summary>
    private const long MostChannelsOfWindows = 1024;

    /// <summary>
    /// x / (bias + alpha / size^n * S)^beta, where S is the sum of the squares in a window of size^n around. ONNX's LRN does
    /// this only across channels, and ONNX Runtime runs it on one thread, two to four times slower than what is put here.
    /// </summary>
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
        long reach = (size - 1) / 2;
        float factor = alpha / MathF.Pow(size, along.Length);
        Value squares = Multiply(x, x);
        Value response = along is [1] && x.Rank > 2 && x.Shape[1] is > 0 and <= MostChannelsOfWindows
            ? SumAcross(squares, reach, factor, bias)
            : Add(Multiply(SumAround(squares, along, reach), Float(factor)), Float(bias));
        return Divide(x, ToPower(response, beta));
    }

    /// <summary>bias + factor * the sum over the channels that are at most so far away, by a convolution with a kernel of 1.</summary>
    private Value SumAcross(Value x, long reach, float factor, float bias)
    {
        int channels = (int)x.Shape[1];
        long[] ones = [.. Enumerable.Repeat(1L, x.Rank - 2)];
        long[] shape = [channels, channels, .. ones];
        byte[] bytes = Allocate(TensorElementType.Float32, shape);
        Span<float> weights = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < channels; i++)
        {
            int first = (int)Math.Max(i - reach, 0);
            int last = (int)Math.Min(i + reach, channels - 1);
            weights.Slice((i * channels) + first, last - first + 1).Fill(factor);
        }

        var window = new Window(ones, ones, ones, new long[ones.Length], new long[ones.Length]);
        return Convolution(x, Constant(new Constant(TensorElementType.Float32, shape, bytes)), Filled(channels, bias), window, groups: 1);
    }

    /// <summary>The sum over windows that reach so far along some axes, what lies outside counted as 0.</summary>
    private Value SumAround(Value x, int[] along, long reach)
    {
        if (along.Length == 0)
            return x;

        // Pooling leaves the first two axes alone: where the window goes along the channels, an axis is put before them.
        bool channels = along[0] == 1;
        Value pooled = channels ? Unsqueeze(x, [1]) : x;
        long[] pads = [.. Enumerable.Range(channels ? 1 : 2, pooled.Rank - 2).Select(axis => along.Contains(axis) ? reach : 0)];
        long[] kernel = Array.ConvertAll(pads, static pad => (2 * pad) + 1);
        long[] ones = Array.ConvertAll(kernel, static _ => 1L);
        Value mean = AveragePool(pooled, new Window(kernel, ones, ones, pads, pads), countPads: true);
        Value sum = Multiply(mean, Float(Shapes.Count(kernel)));
        return channels ? Squeeze(sum, [1]) : sum;
    }

    private Value ToPower(Value x, float exponent)
    {
        switch (exponent)
        {
            case 1:
                return x;
            case 0.5f:
                return Unary("Sqrt", x);
            case 0.75f:
                Value root = Unary("Sqrt", x);
                return Multiply(root, Unary("Sqrt", root));
            default:
                return Binary("Pow", x, Float(exponent));
        }
    }
}
