using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>Operations that bring values to a common scale.</summary>
internal sealed partial class GraphBuilder
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) * scale + shift, each a vector with one number for each channel.</summary>
    public Value BatchNormalization(Value x, Value mean, Value variance, Value scale, Value shift, float epsilon)
    {
        if (x.Rank < 2)
            throw new LayerException($"an input of shape {Shapes.Describe(x.Shape)} has no channels");
        Value factor = Divide(scale, Unary("Sqrt", Add(variance, Float(epsilon))));
        Value term = Subtract(shift, Multiply(mean, factor));
        return Add(Multiply(x, PerChannel(factor, x.Rank)), PerChannel(term, x.Rank));
    }

    /// <summary>x / sqrt(S + epsilon), or x / sqrt(max(S, epsilon)), where S is the sum of the squares over some axes.</summary>
    public Value NormalizeL2(Value x, IReadOnlyList<long> axes, float epsilon, bool atLeast = false)
    {
        Value sum = axes.Count > 0 ? Reduce("ReduceSumSquare", x, axes, keepDimensions: true) : Multiply(x, x);
        return Divide(x, Unary("Sqrt", Binary(atLeast ? "Max" : "Add", sum, Float(epsilon))));
    }

    /// <summary>(x - mean) / sqrt(variance + epsilon) over some axes, the variance that of the whole population.</summary>
    public Value Standardize(Value x, IReadOnlyList<long> axes, float epsilon)
    {
        RequireFloats(x);
        int[] along = [.. axes.Select(axis => Shapes.Axis(axis, x.Rank)).Distinct().Order()];
        bool trailing = along.Length > 0 && along.SequenceEqual(Enumerable.Range(x.Rank - along.Length, along.Length));
        int first = x.Rank - along.Length;
        if (trailing && first == 2 && along.Length > 1 && x.Shape[1] > 0)
            return InstanceNormalization(x, epsilon);
        if (trailing && first == 1 && along.Length > 1 && x.Shape.Skip(1).All(static d => d > 0))
            return Reshape(InstanceNormalization(Reshape(x, [x.Shape[0], 1, Shapes.Count([.. x.Shape.Skip(1)])]), epsilon), [.. x.Shape]);
        if (trailing && x.Shape.Skip(first).All(static d => d > 0))
            return LayerNormalization(x, first, epsilon);

        Value centred = Centre(x, axes);
        Value variance = Reduce("ReduceMean", Multiply(centred, centred), axes, keepDimensions: true);
        return Divide(centred, Unary("Sqrt", Add(variance, Float(epsilon))));
    }

    /// <summary>(x - mean) / (sqrt(variance) + epsilon) over some axes.</summary>
    public Value StandardizeOutside(Value x, IReadOnlyList<long> axes, float epsilon)
    {
        Value centred = Centre(x, axes);
        Value variance = Reduce("ReduceMean", Multiply(centred, centred), axes, keepDimensions: true);
        return Divide(centred, Add(Unary("Sqrt", variance), Float(epsilon)));
    }

    /// <summary>x - mean over some axes.</summary>
    public Value Centre(Value x, IReadOnlyList<long> axes) =>
        Subtract(x, Reduce("ReduceMean", x, axes, keepDimensions: true));

    /// <param name="x">[N, C, …], normalised over all axes after the first two.</param>
    /// <param name="epsilon">Added to the variance.</param>
    private Value InstanceNormalization(Value x, float epsilon) =>
        Add("InstanceNormalization", [x, Filled(x.Shape[1], 1), Filled(x.Shape[1], 0)], x.ElementType, [.. x.Shape], ("epsilon", epsilon));

    private Value LayerNormalization(Value x, int axis, float epsilon)
    {
        long[] shape = [.. x.Shape.Skip(axis)];
        Value ones = Reshape(Filled(Shapes.Count(shape), 1), shape);
        return Add("LayerNormalization", [x, ones, null], x.ElementType, [.. x.Shape], ("axis", (long)axis - x.Rank), ("epsilon", epsilon));
    }

    private Value Filled(long count, float value)
    {
        byte[] bytes = Allocate(TensorElementType.Float32, [count]);
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan()).Fill(value);
        return Constant(new Constant(TensorElementType.Float32, [count], bytes));
    }
}
