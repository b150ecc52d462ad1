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
