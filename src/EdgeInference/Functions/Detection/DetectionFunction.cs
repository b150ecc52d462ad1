using EdgeInference.Inference;

namespace EdgeInference.Functions.Detection;

/// <summary>The objects that an SSD found. The form of its outputs is known from their names, types and shapes at construction.</summary>
public sealed class DetectionFunction : IInferenceFunction
{
    private readonly IDetectionForm _form;
    private readonly ObjectCollector _collector;

    /// <param name="options">Thresholds and class filter.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="model">The model whose outputs are to be read.</param>
    /// <param name="inputWidth">Width of the model's input in pixels, for models whose boxes are in pixels.</param>
    /// <param name="inputHeight">Height of the model's input in pixels.</param>
    /// <exception cref="ModelException">The outputs have none of the forms that are understood.</exception>
    /// <exception cref="LabelMapException">The class filter has a name that the label map has not, or the map is for several outputs.</exception>
    public DetectionFunction(DetectionOptions options, LabelMap labels, InferenceModel model, int inputWidth, int inputHeight)
    {
        if (labels.Outputs.Any())
            throw new LabelMapException($"Label map '{labels.Path}' has one object for each output, as for a classifier; detection expects {{\"1\":\"name\",...}}.");
        _form = DetectionForms.Find(model, options, inputWidth, inputHeight)
            ?? throw new ModelException($"{model.Path}: detection does not understand these outputs: {string.Join("; ", model.Outputs)}. {DetectionForms.Accepted}");
        _collector = new ObjectCollector(options, labels);
    }

    public string Name => "detection";

    /// <summary>Whether the model's outputs have a form that is understood.</summary>
    public static bool Supports(InferenceModel model) =>
        DetectionForms.Find(model, new DetectionOptions(), inputWidth: 1, inputHeight: 1) is not null;

    public InferenceResult CreateResult() => new DetectionResult();

    public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result)
    {
        List<DetectedObject> objects = ((DetectionResult)result).Objects;
        objects.Clear();
        _form.Read(outputs, _collector, objects);
    }
}
