using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Quantization;

/// <summary>
/// The ranges of a FakeQuantize layer (OpenVINO opset spec, FakeQuantize-1), which broadcast to the data: values between
/// the input bounds go to the nearest of so many evenly spaced levels between the output bounds.
/// </summary>
internal sealed record QuantizationRange(Constant InputLow, Constant InputHigh, Constant OutputLow, Constant OutputHigh, int Levels)
{
    /// <summary>Each pass goes through the channels of each layer, and the layers may share one constant.</summary>
    private const int MostChannels = 1 << 13;

    /// <summary>
    /// The range as one number for each bound, or as one for each channel where they differ; null where they differ along
    /// another axis, or for more channels than real models have.
    /// </summary>
    /// <param name="shape">The data's shape.</param>
    public LevelSpan[]? PerChannel(IReadOnlyList<long> shape)
    {
        Constant[] bounds = [InputLow, InputHigh, OutputLow, OutputHigh];
        int channels = bounds.Max(static bound => bound.Count);
        if (channels > MostChannels || (channels > 1 && (shape.Count < 2 || shape[1] != channels)))
            return null;
        if (bounds.Any(bound => bound.Count > 1 && !LiesAlongChannels(bound, shape)))
            return null;
        float[][] values = Array.ConvertAll(bounds, static bound => bound.ToFloats());
        return [.. Enumerable.Range(0, channels).Select(i => new LevelSpan(At(values[0], i), At(values[1], i), At(values[2], i), At(values[3], i), Levels))];
    }

    private static bool LiesAlongChannels(Constant bound, IReadOnlyList<long> shape)
    {
        int axis = 1 - shape.Count + bound.Shape.Length;
        return axis >= 0 && bound.Shape[axis] == bound.Count && shape[1] == bound.Count;
    }

    private static float At(float[] values, int index) => values.Length == 1 ? values[0] : values[index];
}
