using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Passes.OnnxRuntime;

/// <summary>The attributes by which ONNX Runtime's FusedConv is told its activation.</summary>
internal static class FusedActivation
{
    /// <returns>Null for a node that cannot be fused or that ONNX Runtime fuses without help.</returns>
    public static NodeAttribute[]? Of(Node node) => node switch
    {
        { Operation: "LeakyRelu" } => [("activation", "LeakyRelu"), ("activation_params", new[] { node.Float("alpha", 0.01f) })],
        { Operation: "Clip", Inputs: [_, var low, var high] } when Bound(low, float.MinValue) is { } least && Bound(high, float.MaxValue) is { } greatest =>
            [("activation", "Clip"), ("activation_params", new[] { least, greatest })],
        _ => null,
    };

    /// <summary>Whether zero stays zero.</summary>
    public static bool KeepsZero(Node node) => node switch
    {
        { Operation: "Relu" or "LeakyRelu" } => true,
        { Operation: "Clip", Inputs: [_, var low, var high] } => Bound(low, float.MinValue) <= 0 && Bound(high, float.MaxValue) >= 0,
        _ => false,
    };

    private static float? Bound(Value? value, float absent) =>
        value is null ? absent : value.Constant is { ElementType: TensorElementType.Float32, Count: 1 } constant ? constant.Values<float>()[0] : null;
}
