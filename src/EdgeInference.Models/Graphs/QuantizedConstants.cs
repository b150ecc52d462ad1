using EdgeInference.Inference;

namespace EdgeInference.Models.Graphs;

/// <summary>
/// Follows weights that are stored in eight bits through the steps that make floats of them (conversion, subtraction of
/// the zero point, multiplication by the scale), so that a layer that can multiply whole numbers finds them again.
/// </summary>
internal static class QuantizedConstants
{
    /// <summary>The step sizes of a converted constant.</summary>
    public static StepSizes? Steps(Constant constant, TensorElementType to) =>
        to != TensorElementType.Float32 ? null : constant.ElementType switch
        {
            TensorElementType.Int8 or TensorElementType.UInt8 => StepSizes.One,
            TensorElementType.Float32 => constant.Steps,
            _ => null,
        };

    /// <summary>The step sizes of the result of an element-wise operation.</summary>
    public static StepSizes? Steps(string operation, Constant first, Constant second, long[] shape) => operation switch
    {
        "Sub" when first.Steps == StepSizes.One && second.ToFloats().All(float.IsInteger) => StepSizes.One,
        "Mul" when first.Steps is not null && first.Shape.SequenceEqual(shape) => first.Steps.Times(second, shape),
        "Mul" when second.Steps is not null && second.Shape.SequenceEqual(shape) => second.Steps.Times(first, shape),
        _ => null,
    };
}
