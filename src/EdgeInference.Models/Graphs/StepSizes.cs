namespace EdgeInference.Models.Graphs;

/// <summary>
/// What the elements of a constant that is stored in whole numbers are multiples of: element i in row-major order is a
/// whole number of steps of size Sizes[i / Stride % Sizes.Length]. Holds for the constant in any shape.
/// </summary>
/// <param name="Sizes">One size for all elements, or one for each index along an axis.</param>
/// <param name="Stride">How many elements lie between neighbours along that axis.</param>
internal sealed record StepSizes(float[] Sizes, long Stride)
{
    /// <summary>Whole numbers.</summary>
    public static StepSizes One { get; } = new([1], 1);

    /// <summary>The step sizes after a multiplication; null when the factors differ along another axis, or along several.</summary>
    /// <param name="factors">The factors, broadcast to <paramref name="shape"/>.</param>
    /// <param name="shape">The shape of the constant, before and after.</param>
    public StepSizes? Times(Constant factors, long[] shape)
    {
        if (factors.Count == 0)
            return null;
        float[] values = factors.ToFloats();
        if (values.Length == 1)
            return this with { Sizes = Array.ConvertAll(Sizes, size => size * values[0]) };
        int axis = Array.FindIndex(factors.Shape, static d => d != 1);
        if (factors.Shape[axis] != values.Length || shape[axis - factors.Shape.Length + shape.Length] != values.Length)
            return null;
        long stride = Shapes.Count(shape[(axis - factors.Shape.Length + shape.Length + 1)..]);
        if (Sizes.Length == 1)
            return new StepSizes(Array.ConvertAll(values, value => value * Sizes[0]), stride);
        return Stride == stride && Sizes.Length == values.Length
            ? this with { Sizes = [.. Sizes.Zip(values, static (size, value) => size * value)] }
            : null;
    }

    /// <summary>The step sizes after a transposition; null when they do not lie along one axis of <paramref name="shape"/>.</summary>
    public StepSizes? Transposed(long[] shape, long[] order)
    {
        if (Sizes.Length == 1)
            return this;
        int axis = AxisIn(shape);
        long[] moved = [.. order.Select(from => shape[from])];
        return axis < 0 ? null : this with { Stride = Shapes.Count(moved[(Array.IndexOf(order, axis) + 1)..]) };
    }

    /// <summary>The sizes along an axis, repeated when there is one for all; null when they lie along another.</summary>
    public float[]? Along(int axis, long[] shape) =>
        Sizes.Length == 1 ? [.. Enumerable.Repeat(Sizes[0], Shapes.Length(shape[axis]))] : AxisIn(shape) == axis ? Sizes : null;

    private int AxisIn(long[] shape) =>
        Array.FindIndex(
            [.. Enumerable.Range(0, shape.Length)],
            axis => shape[axis] == Sizes.Length && Shapes.Count(shape[(axis + 1)..]) == Stride);
}
