using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>Weights as signed bytes, each a number of steps that are equal for one index of an axis.</summary>
/// <param name="Levels">The bytes in the constant's order.</param>
/// <param name="Scales">The size of the steps, one for each index of the axis; never 0.</param>
internal sealed record WeightLevels(sbyte[] Levels, float[] Scales)
{
    private const float Tolerance = 1 / 64f;

    /// <summary>Products of a byte and a signed byte that can be summed in 32 bits.</summary>
    private const long MostProducts = int.MaxValue / (255 * 128);

    /// <summary>Null when the weights are not whole numbers of steps, of more than eight bits, or too many for one sum.</summary>
    public static WeightLevels? Of(Constant weights, int axis)
    {
        if (weights.Count == 0 || weights.Steps?.Along(axis, weights.Shape) is not { } sizes || weights.Count / weights.Shape[axis] > MostProducts)
            return null;
        float[] scales = Array.ConvertAll(sizes, static size => size == 0 ? 1 : MathF.Abs(size));
        if (!scales.All(float.IsFinite))
            return null;
        ReadOnlySpan<float> values = weights.Values<float>();
        var levels = new sbyte[values.Length];
        long stride = Shapes.Count(weights.Shape[(axis + 1)..]);
        for (int i = 0; i < levels.Length; i++)
        {
            float level = values[i] / scales[i / stride % scales.Length];
            float whole = MathF.Round(level);
            if (!(MathF.Abs(level - whole) <= Tolerance) || whole is < sbyte.MinValue or > sbyte.MaxValue)
                return null;
            levels[i] = (sbyte)whole;
        }

        return new WeightLevels(levels, scales);
    }
}
