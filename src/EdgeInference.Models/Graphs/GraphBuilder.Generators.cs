using System.Numerics;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>start, start + step, … below stop (above it for negative steps), as Int64.</summary>
    public Value Range(long start, long stop, long step) => Range(TensorElementType.Int64, start, stop, step);

    /// <summary>start, start + step, … below stop (above it for negative steps), as Float32.</summary>
    public Value Range(float start, float stop, float step) => Range(TensorElementType.Float32, start, stop, step);

    /// <summary>The same from scalars of one type that may be known only at run time.</summary>
    public Value Range(Value start, Value stop, Value step)
    {
        TensorElementType elementType = start.ElementType;
        if (start.Rank + stop.Rank + step.Rank > 0 || stop.ElementType != elementType || step.ElementType != elementType)
            throw new LayerException($"a range of {start}, {stop} and {step} is not one of three numbers of a type");
        return (elementType, start.Constant, stop.Constant, step.Constant) switch
        {
            (TensorElementType.Float32, { } first, { } end, { } by) => Range(elementType, first.Values<float>()[0], end.Values<float>()[0], by.Values<float>()[0]),
            (TensorElementType.Int32, { } first, { } end, { } by) => Range(elementType, first.Values<int>()[0], end.Values<int>()[0], by.Values<int>()[0]),
            (TensorElementType.Int64, { } first, { } end, { } by) => Range(elementType, first.Values<long>()[0], end.Values<long>()[0], by.Values<long>()[0]),
            (TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.Int64, _, _, _) =>
                Add("Range", [start, stop, step], elementType, [Shapes.Unknown]),
            _ => throw new LayerException($"a range of {elementType} is not supported"),
        };
    }

    private Value Range<T>(TensorElementType elementType, T start, T stop, T step)
        where T : unmanaged, INumber<T>
    {
        double count = Math.Ceiling((double.CreateChecked(stop) - double.CreateChecked(start)) / double.CreateChecked(step));
        if (double.IsNaN(count) || double.IsInfinity(count) || count > int.MaxValue)
            throw new LayerException($"a range from {start} to {stop} by {step} is not possible");
        long[] shape = [(long)Math.Max(count, 0)];
        byte[] bytes = Allocate(elementType, shape);
        Span<T> values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++)
            values[i] = start + (T.CreateChecked(i) * step);
        return Constant(new Constant(elementType, shape, bytes));
    }
}
