using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Models.Quantization;

namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <summary>The values brought to the levels of a range.</summary>
    public Value FakeQuantize(Value x, QuantizationRange range)
    {
        Constant[] bounds = [range.InputLow, range.InputHigh, range.OutputLow, range.OutputHigh];
        if (x.ElementType != TensorElementType.Float32 || bounds.Any(static bound => bound.ElementType != TensorElementType.Float32))
            throw new LayerException($"quantising {x.ElementType} is not supported");
        if (range.Levels < 2)
            throw new LayerException($"{range.Levels} levels are not possible");
        if (bounds.Any(static bound => bound.Count == 0))
            throw new LayerException("a range has no bounds");
        long[] shape = bounds.Aggregate(x.Shape.ToArray(), static (shape, bound) => Shapes.Broadcast(shape, bound.Shape));
        if (!Shapes.Agree(shape, x.Shape))
            throw new LayerException($"ranges do not fit the shape {Shapes.Describe(x.Shape)}");
        if (x.Constant is { } constant)
            return Constant(Quantized(constant, range, bounds));
        var output = new Value(LayerName, x.ElementType, [.. x.Shape]);
        Add(new FakeQuantizeNode(x, range, output));
        return output;
    }

    /// <summary>round(x / scale) + zero point, held to the eight bits of the zero point's type.</summary>
    public Value QuantizeLinear(Value x, Value scale, Value zeroPoint) =>
        Add("QuantizeLinear", [x, scale, zeroPoint], zeroPoint.ElementType, [.. x.Shape]);

    /// <summary>(x - zero point) * scale; where there are several scales, they lie along the axis.</summary>
    public Value DequantizeLinear(Value x, Value scale, Value zeroPoint, int axis = 0) =>
        scale.Rank == 0
            ? Add("DequantizeLinear", [x, scale, zeroPoint], TensorElementType.Float32, [.. x.Shape])
            : Add("DequantizeLinear", [x, scale, zeroPoint], TensorElementType.Float32, [.. x.Shape], ("axis", (long)axis));

    private Constant Quantized(Constant x, QuantizationRange range, Constant[] bounds)
    {
        byte[] bytes = Allocate(TensorElementType.Float32, x.Shape);
        Span<float> result = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        ReadOnlySpan<float> values = x.Values<float>();
        BroadcastIndex[] at = Array.ConvertAll(bounds, bound => new BroadcastIndex(bound.Shape, x.Shape));
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = new LevelSpan(
                range.InputLow.Values<float>()[at[0].Next()],
                range.InputHigh.Values<float>()[at[1].Next()],
                range.OutputLow.Values<float>()[at[2].Next()],
                range.OutputHigh.Values<float>()[at[3].Next()],
                range.Levels).Apply(values[i]);
        }

        // Levels are multiples of the distance between them where zero is one of them; who wants to use that has to check it.
        Value distance = Multiply(Subtract(Constant(range.OutputHigh), Constant(range.OutputLow)), Float(1f / (range.Levels - 1)));
        return new Constant(TensorElementType.Float32, x.Shape, bytes).WithSteps(StepSizes.One.Times(distance.Constant!, x.Shape));
    }
}
