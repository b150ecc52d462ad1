using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes;

/// <summary>Constants that passes make.</summary>
internal static class PassConstants
{
    /// <returns>Null where there is no room.</returns>
    public static Value? TryFloats(string name, float[] values, long[] shape, LoadBudget budget)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(values);
        if (budget.TryAllocate(bytes.Length) is not { } copy)
            return null;
        bytes.CopyTo(copy);
        return new Value(name, TensorElementType.Float32, shape) { Constant = new Constant(TensorElementType.Float32, shape, copy) };
    }
}
