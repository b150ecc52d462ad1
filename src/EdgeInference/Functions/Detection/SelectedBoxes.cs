using EdgeInference.Inference;

namespace EdgeInference.Functions.Detection;

/// <summary>
/// Boxes that the model has selected itself, with a label and a score each: torchvision's and the ONNX model zoo's
/// boxes (xmin, ymin, xmax, ymax), labels and scores; or TensorFlow's detection_boxes (ymin, xmin, ymax, xmax,
/// normalised), detection_classes and detection_scores, of which the first num_detections count.
/// </summary>
internal sealed class SelectedBoxes : IDetectionForm
{
    private readonly int _boxes;
    private readonly int _labels;
    private readonly int _scores;
    private readonly int? _count;
    private readonly BoxScale? _scale;

    private SelectedBoxes(int boxes, int labels, int scores, int? count, BoxScale? scale)
    {
        _boxes = boxes;
        _labels = labels;
        _scores = scores;
        _count = count;
        _scale = scale;
    }

    private bool IsTensorFlow => _scale is null;

    public static SelectedBoxes? Find(IReadOnlyList<TensorInfo> outputs, int inputWidth, int inputHeight)
    {
        bool tensorFlow = outputs.Any(static output => DetectionForms.NameHas(output, "detection_boxes"));
        int boxes = IndexOf(outputs, output => DetectionForms.HoldsBoxes(output) && (!tensorFlow || DetectionForms.NameHas(output, "detection_boxes")));
        if (boxes < 0)
            return null;
        int labels = IndexOf(outputs, output => IsColumn(output, outputs[boxes]) && (tensorFlow
            ? DetectionForms.NameHas(output, "detection_classes") && IsNumber(output)
            : IsInteger(output) || (DetectionForms.NameHas(output, "label", "class") && IsNumber(output))));
        int scores = IndexOf(outputs, output => IsColumn(output, outputs[boxes]) && DetectionForms.IsFloat(output)
            && (tensorFlow ? DetectionForms.NameHas(output, "detection_scores") : !DetectionForms.NameHas(output, "label", "class")));
        int count = IndexOf(outputs, static output => DetectionForms.NameHas(output, "num_detections") && IsNumber(output));
        if (labels < 0 || scores < 0)
            return null;
        return new SelectedBoxes(boxes, labels, scores, count < 0 ? null : count, tensorFlow ? null : new BoxScale(inputWidth, inputHeight));
    }

    public void Read(IReadOnlyList<Tensor> outputs, ObjectCollector collector, List<DetectedObject> objects)
    {
        ReadOnlySpan<float> boxes = outputs[_boxes].Elements<float>(), scores = outputs[_scores].Elements<float>();
        Tensor labels = outputs[_labels];
        if (scores.Length != labels.Count || boxes.Length != 4 * scores.Length)
            throw new InferenceException($"The model gave {boxes.Length} box coordinates, {labels.Count} labels and {scores.Length} scores: they do not belong together.");

        int count = scores.Length;
        if (_count is { } index && outputs[index].Count > 0)
            count = (int)Math.Clamp(NumberAt(outputs[index], 0), 0, count);
        DecideScale(boxes, scores[..count], collector.Threshold);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> corners = boxes.Slice(4 * i, 4);
            Box box = IsTensorFlow
                ? new Box(corners[1], corners[0], corners[3], corners[2])
                : _scale!.Normalise(new Box(corners[0], corners[1], corners[2], corners[3]));
            if (NumberAt(labels, i) is >= 0 and <= int.MaxValue and var label)
                collector.Add(objects, (int)label, scores[i], box);
        }
    }

    private void DecideScale(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, float threshold)
    {
        float largest = float.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > threshold)
                largest = MathF.Max(largest, MathF.Max(boxes[(4 * i) + 2], boxes[(4 * i) + 3]));
        }

        if (!float.IsNegativeInfinity(largest))
            _scale?.Decide(largest);
    }

    private static int IndexOf(IReadOnlyList<TensorInfo> outputs, Func<TensorInfo, bool> matches)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            if (matches(outputs[i]))
                return i;
        }

        return -1;
    }

    /// <summary>One number for each box.</summary>
    private static bool IsColumn(TensorInfo output, TensorInfo boxes) =>
        output.Shape.Count == boxes.Shape.Count - 1
        && DetectionForms.IsOnePicture(output.Shape, rank: 2)
        && DetectionForms.SameSize(output.Shape[^1], boxes.Shape[^2]);

    private static bool IsInteger(TensorInfo output) => output.ElementType is TensorElementType.Int32 or TensorElementType.Int64;

    private static bool IsNumber(TensorInfo output) => IsInteger(output) || DetectionForms.IsFloat(output);

    private static double NumberAt(Tensor tensor, int index) => tensor.ElementType switch
    {
        TensorElementType.Int32 => tensor.Elements<int>()[index],
        TensorElementType.Int64 => tensor.Elements<long>()[index],
        _ => tensor.Elements<float>()[index],
    };
}
