using EdgeInference.Inference.Recovery;

namespace EdgeInference.Inference.Swapping;

/// <summary>Looks for NaN and infinities in what an engine puts out, which later stages would pass over.</summary>
internal static class FiniteOutputs
{
    private const int RowLength = 7;

    /// <returns>What is wrong; null for nothing.</returns>
    public static string? FindFault(SessionRequest request, InferenceModel model)
    {
        IReadOnlyList<Tensor> outputs = request.EngineOutputs;
        for (int i = 0; i < outputs.Count; i++)
        {
            bool areRows = model.OutputStage is null && model.DetectionOutputs.Contains(i);
            int bad = outputs[i].ElementType switch
            {
                TensorElementType.Float32 => CountBad(areRows ? Rows(outputs[i].Elements<float>()) : outputs[i].Elements<float>(), static value => float.IsFinite(value)),
                TensorElementType.Float16 => CountBad(outputs[i].Elements<Half>(), static value => Half.IsFinite(value)),
                TensorElementType.Float64 => CountBad(outputs[i].Elements<double>(), static value => double.IsFinite(value)),
                _ => 0,
            };
            if (bad > 0)
                return $"{bad} of {outputs[i].Count} values of its output {i} are NaN or infinite";
        }

        return null;
    }

    /// <summary>What is behind the mark of the end is of no meaning.</summary>
    private static ReadOnlySpan<float> Rows(ReadOnlySpan<float> values)
    {
        int length = 0;
        while (length + RowLength <= values.Length && !(values[length] < 0))
            length += RowLength;
        return values[..length];
    }

    private static int CountBad<T>(ReadOnlySpan<T> values, Func<T, bool> isFinite)
    {
        int bad = 0;
        foreach (T value in values)
        {
            if (!isFinite(value))
                bad++;
        }

        return bad;
    }
}
