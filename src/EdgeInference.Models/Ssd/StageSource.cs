using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>An output of the engine by its index, or a constant.</summary>
/// <param name="Index">The output.</param>
/// <param name="Value">Its type and shape as known at load, and the content of a constant.</param>
internal sealed record StageSource(int Index, Value Value)
{
    public ReadOnlySpan<long> Shape(IReadOnlyList<Tensor> engineOutputs) =>
        Value.Constant is { } constant ? constant.Shape : engineOutputs[Index].Shape;

    public ReadOnlySpan<byte> Bytes(IReadOnlyList<Tensor> engineOutputs) =>
        Value.Constant is { } constant ? constant.Data.Span : engineOutputs[Index].Bytes;
}
