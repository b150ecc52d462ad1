using EdgeInference.Inference;

namespace EdgeInference.Functions.Detection;

/// <summary>One way in which detectors lay out their outputs. Any number of threads may read at once.</summary>
internal interface IDetectionForm
{
    /// <summary>Hands every box of the outputs to the collector, in the order in which they are to be reported.</summary>
    /// <exception cref="InferenceException">The shapes of the tensors do not fit together.</exception>
    void Read(IReadOnlyList<Tensor> outputs, ObjectCollector collector, List<DetectedObject> objects);
}

/// <summary>Finds the form of a model's outputs.</summary>
internal static class DetectionForms
{
    public const string Accepted =
        "Understood are: DetectionOutput rows [1,1,N,7]; boxes [1,N,4] with scores [1,N,classes]; "
        + "boxes [N,4] or [1,N,4] with labels and scores [N] or [1,N]; "
        + "TensorFlow's detection_boxes, detection_classes, detection_scores and num_detections. Boxes and scores are Float32.";

    public static IDetectionForm? Find(InferenceModel model, DetectionOptions options, int inputWidth, int inputHeight)
    {
        IReadOnlyList<TensorInfo> outputs = model.Outputs;
        return DetectionRows.Find(outputs, model.DetectionOutputs)
            ?? SelectedBoxes.Find(outputs, inputWidth, inputHeight)
            ?? (IDetectionForm?)RawBoxes.Find(outputs, options, inputWidth, inputHeight);
    }

    public static bool IsFloat(TensorInfo output) => output.ElementType == TensorElementType.Float32;

    public static bool NameHas(TensorInfo output, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (output.Name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>A list of boxes: four numbers each, with or without a batch dimension of 1.</summary>
    public static bool HoldsBoxes(TensorInfo output) =>
        IsFloat(output) && output.Shape is [.., 4] && output.Shape.Count is 2 or 3 && IsOnePicture(output.Shape, rank: 3);

    /// <summary>At the rank that has a batch dimension, it is 1 or unknown.</summary>
    public static bool IsOnePicture(IReadOnlyList<long> shape, int rank) => shape.Count != rank || shape[0] is 1 or < 0;

    /// <summary>Both sizes are the same as far as they are known.</summary>
    public static bool SameSize(long a, long b) => a == b || a < 0 || b < 0;
}
