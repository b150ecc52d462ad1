using EdgeInference.Inference;

namespace EdgeInference.Functions.Detection;

/// <summary>
/// The rows of SSD's DetectionOutput layer: image_id, label, confidence, xmin, ymin, xmax, ymax, normalised, ended by
/// an image_id below 0. Several such outputs are read one after another.
/// </summary>
internal sealed class DetectionRows(int[] indices) : IDetectionForm
{
    private const int RowLength = 7;

    public static DetectionRows? Find(IReadOnlyList<TensorInfo> outputs, IReadOnlyList<int> detectionOutputs)
    {
        int[] indices = detectionOutputs.Count > 0
            ? [.. detectionOutputs]
            : [.. Enumerable.Range(0, outputs.Count).Where(i => outputs[i].Shape is [1 or < 0, 1 or < 0, _, RowLength])];
        return indices.Length > 0 && indices.All(i => DetectionForms.IsFloat(outputs[i])) ? new DetectionRows(indices) : null;
    }

    public void Read(IReadOnlyList<Tensor> outputs, ObjectCollector collector, List<DetectedObject> objects)
    {
        foreach (int index in indices)
        {
            ReadOnlySpan<float> rows = outputs[index].Elements<float>();
            for (; rows.Length >= RowLength && rows[0] >= 0; rows = rows[RowLength..])
            {
                if (rows[1] is >= 0 and <= 1 << 24) // What a float holds exactly; nothing else is a label.
                    collector.Add(objects, (int)rows[1], rows[2], new Box(rows[3], rows[4], rows[5], rows[6]));
            }
        }
    }
}
