using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>The element at the floor of index / scale. In the form that ONNX Runtime keeps in its blocked layout.</summary>
    /// <param name="x">Float32, Int32, Int8 or UInt8.</param>
    /// <param name="scales">One for each axis; null where the sizes' ratios are the scales.</param>
    /// <param name="shape">The result's shape; static if there are no scales.</param>
    public Value ResizeNearest(Value x, float[]? scales, long[] shape) => Resize(x, scales, shape, "nearest", "asymmetric", ("nearest_mode", "floor"));

    /// <summary>Linear interpolation along the two spatial axes of [N, C, height, width] or [N, height, width, C].</summary>
    /// <param name="x">Images of Float32.</param>
    /// <param name="scales">One for each axis; null where the sizes' ratios are the scales.</param>
    /// <param name="shape">The result's shape; static if there are no scales.</param>
    /// <param name="coordinates">half_pixel, pytorch_half_pixel, asymmetric or align_corners.</param>
    public Value ResizeLinear(Value x, float[]? scales, long[] shape, string coordinates) => Resize(x, scales, shape, "linear", coordinates);

    /// <summary>Replaces the elements along an axis by weighted sums of them: a linear map, the same wherever on the other axes.</summary>
    /// <param name="x">Floats.</param>
    /// <param name="axis">The axis, whose size is known.</param>
    /// <param name="newSize">Its size in the result.</param>
    /// <param name="fill">Writes the weights of the old elements in the new one of an index; it gets zeros.</param>
    public Value MapAxis(Value x, int axis, long newSize, Action<long, Span<float>> fill)
    {
        long size = x.Shape[axis];
        byte[] bytes = Allocate(TensorElementType.Float32, [newSize, size]);
        Span<float> weights = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < newSize; i++)
            fill(i, weights.Slice(i * (int)size, (int)size));

        Value matrix = Constant(new Constant(TensorElementType.Float32, [newSize, size], bytes));
        if (axis == x.Rank - 1)
            return MatMul(x, matrix, transposeSecond: true);
        if (axis == x.Rank - 2)
            return MatMul(matrix, x);
        long[] outer = [.. x.Shape.Take(axis)];
        long[] inner = [.. x.Shape.Skip(axis + 1)];
        Value columns = Reshape(x, [CountOrUnknown(outer), size, CountOrUnknown(inner)]);
        return Reshape(MatMul(matrix, columns), [.. outer, newSize, .. inner]);
    }

    private Value Resize(Value x, float[]? scales, long[] shape, string mode, string coordinates, params NodeAttribute[] attributes)
    {
        if (shape.SequenceEqual(x.Shape))
            return x;
        Value? factors = scales is null ? null : Constant(Graphs.Constant.Floats(scales, scales.Length));
        Value? sizes = scales is null ? Ints(shape) : null;
        return Add("Resize", [x, null, factors, sizes], x.ElementType, shape, [("mode", mode), ("coordinate_transformation_mode", coordinates), .. attributes]);
    }

    private static long CountOrUnknown(long[] shape) => Shapes.IsStatic(shape) ? Shapes.Count(shape) : Shapes.Unknown;

    /// <param name="x">[N, C, height, width].</param>
    /// <param name="grid">[N, height, width, 2]: x and y of each result in the image, from -1 to 1.</param>
    /// <param name="mode">bilinear, bicubic or nearest.</param>
    /// <param name="padding">What lies outside the image: zeros, border or reflection.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the outer pixels' centres, not their outer edges.</param>
    public Value GridSample(Value x, Value grid, string mode, string padding, bool alignCorners)
    {
        if (x.Rank != 4 || grid.Rank != 4 || grid.Shape[3] != 2 || !Shapes.Agree([x.Shape[0]], [grid.Shape[0]]))
            throw new LayerException($"a grid {Shapes.Describe(grid.Shape)} does not fit images {Shapes.Describe(x.Shape)}");
        return Add(
            "GridSample",
            [x, grid],
            SameType(x, grid),
            [x.Shape[0], x.Shape[1], grid.Shape[1], grid.Shape[2]],
            ("mode", mode),
            ("padding_mode", padding),
            ("align_corners", alignCorners ? 1L : 0L));
    }
}
