using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>Adds elements around a tensor; negative pads cut elements off what the others gave.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="begin">How many before the first element, one number an axis.</param>
    /// <param name="end">How many after the last.</param>
    /// <param name="mode">What the new elements hold.</param>
    /// <param name="value">The value of <see cref="PadMode.Constant"/>, a scalar of the tensor's type; null is 0.</param>
    public Value Pad(Value x, long[] begin, long[] end, PadMode mode, Value? value = null)
    {
        if (begin.Length != x.Rank || end.Length != x.Rank)
            throw new LayerException($"{begin.Length} and {end.Length} pads do not fit {Shapes.Describe(x.Shape)}");
        CheckPads(x.Shape, begin, end, mode);
        long[] before = Array.ConvertAll(begin, static pad => Math.Max(pad, 0));
        long[] after = Array.ConvertAll(end, static pad => Math.Max(pad, 0));
        Value padded = PadOutwards(x, before, after, mode, value);
        if (begin.Concat(end).All(static pad => pad >= 0))
            return padded;

        if (!x.IsStatic)
            throw new LayerException("negative pads of a tensor whose sizes are not known at load are not supported");
        return Slice(padded, [.. padded.Shape.Select((size, i) => new AxisSlice(before[i] - begin[i], 1, size - (before[i] - begin[i]) - (after[i] - end[i])))]);
    }

    private Value PadOutwards(Value x, long[] begin, long[] end, PadMode mode, Value? value)
    {
        long[] shape = [.. x.Shape.Select((size, i) => size < 0 ? Shapes.Unknown : checked(size + begin[i] + end[i]))];
        if (shape.SequenceEqual(x.Shape) && begin.Concat(end).All(static pad => pad == 0))
            return x;
        if (x.Constant is { } constant && value is null or { Constant: not null })
            return Constant(Padded(constant, begin, shape, mode, value?.Constant));
        if (mode == PadMode.Symmetric)
            return Mirrored(x, begin, end);
        return Add("Pad", [x, Ints([.. begin, .. end]), value], x.ElementType, shape, ("mode", mode.ToString().ToLowerInvariant()));
    }

    private static void CheckPads(IReadOnlyList<long> shape, long[] begin, long[] end, PadMode mode)
    {
        for (int i = 0; i < shape.Count; i++)
        {
            long size = shape[i];
            long most = mode switch
            {
                PadMode.Constant => long.MaxValue,
                PadMode.Edge => size > 0 ? long.MaxValue : 0,
                PadMode.Reflect => size - 1,
                _ => size,
            };
            if (size >= 0 && (Math.Max(begin[i], end[i]) > Math.Max(most, 0) || checked(size + begin[i] + end[i]) < 0))
                throw new LayerException($"pads of {begin[i]} and {end[i]} ({mode}) are not possible on an axis of {size}");
        }
    }

    /// <summary>ONNX knows no symmetric mode: the mirrored borders are cut out and joined on, axis by axis.</summary>
    private Value Mirrored(Value x, long[] begin, long[] end)
    {
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (begin[axis] == 0 && end[axis] == 0)
                continue;
            if (!x.IsStatic)
                throw new LayerException("symmetric pads of a tensor whose sizes are not known at load are not supported");
            var parts = new List<Value>();
            if (begin[axis] > 0)
                parts.Add(Backwards(x, axis, begin[axis] - 1, begin[axis]));
            parts.Add(x);
            if (end[axis] > 0)
                parts.Add(Backwards(x, axis, x.Shape[axis] - 1, end[axis]));
            x = Concat(parts, axis);
        }

        return x;
    }

    private Value Backwards(Value x, int along, long first, long count) =>
        Slice(x, [.. x.Shape.Select((size, axis) => axis == along ? new AxisSlice(first, -1, count) : new AxisSlice(0, 1, size))]);

    private Constant Padded(Constant constant, long[] begin, long[] shape, PadMode mode, Constant? value)
    {
        int size = constant.ElementType.Size();
        byte[] bytes = Allocate(constant.ElementType, shape);
        ReadOnlySpan<byte> filler = value is null ? new byte[size] : value.Data.Span;
        ReadOnlySpan<byte> source = constant.Data.Span;
        long[] strides = BroadcastIndex.Strides(constant.Shape);
        var position = new long[shape.Length];
        for (int at = 0; at < bytes.Length; at += size)
        {
            long offset = 0;
            for (int i = 0; i < position.Length && offset >= 0; i++)
            {
                long index = Inside(position[i] - begin[i], constant.Shape[i], mode);
                offset = index < 0 ? -1 : offset + (index * strides[i]);
            }

            (offset < 0 ? filler : source.Slice((int)offset * size, size)).CopyTo(bytes.AsSpan(at));
            for (int i = position.Length - 1; i >= 0 && ++position[i] == shape[i]; i--)
                position[i] = 0;
        }

        return new Constant(constant.ElementType, shape, bytes);
    }

    /// <summary>The element that stands for one at most an axis's size beyond its ends; -1 for the constant.</summary>
    private static long Inside(long index, long size, PadMode mode)
    {
        if (index >= 0 && index < size)
            return index;
        return mode switch
        {
            PadMode.Edge => Math.Clamp(index, 0, size - 1),
            PadMode.Reflect => index < 0 ? -index : (2 * (size - 1)) - index,
            PadMode.Symmetric => index < 0 ? -index - 1 : (2 * size) - 1 - index,
            _ => -1,
        };
    }
}
