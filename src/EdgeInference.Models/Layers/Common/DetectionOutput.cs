using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Common;

/// <summary>
/// Inputs are locations [N, priors * 4 (* classes)], scores [N, priors * classes], priors [1 or N, 1 or 2, priors * 4], and
/// in RefineDet's form objectness [N, priors * 2] and offsets that move the priors first, shaped as the locations.
/// </summary>
[OpsetLayer("DetectionOutput")]
[LegacyLayer("DetectionOutput")]
internal sealed class DetectionOutput : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value[] inputs = [.. layer.Inputs.Select(input => graph.Cast(input, TensorElementType.Float32))];
        var output = new Value(layer.Name, TensorElementType.Float32, Shape(ReadOptions(layer), inputs));
        graph.Add(new DetectionNode(new DetectionLayer(layer.IrVersion, layer.Version, layer.Attributes), inputs, output));
        return [graph.Cast(output, layer.Input(0).ElementType)];
    }

    /// <summary>The shape of the rows for inputs whose sizes may be open.</summary>
    /// <exception cref="LayerException">The inputs do not fit together.</exception>
    public static long[] Shape(DetectionOptions options, IReadOnlyList<Value> inputs)
    {
        if (inputs.Count is not (3 or 5))
            throw new LayerException($"the form with {inputs.Count} inputs does not exist");
        long rows = inputs.All(static input => input.IsStatic)
            ? DetectionSizes.Of(options, ShapeOf(0), ShapeOf(1), ShapeOf(2), ShapeOf(3), ShapeOf(4)).Rows
            : Shapes.Unknown;
        return [1, 1, rows, DetectionDecoder.RowLength];

        long[] ShapeOf(int index) => index < inputs.Count ? [.. inputs[index].Shape] : [];
    }

    public static DetectionOptions ReadOptions(LayerSource layer) => new()
    {
        Classes = layer.Has("num_classes") ? Number(layer, "num_classes", 0) : null,
        BackgroundClass = (int)Math.Clamp(layer.Int("background_label_id", 0), -1, int.MaxValue),
        TopK = Number(layer, "top_k", -1),
        KeepTopK = Number(layer, "keep_top_k", -1),
        ConfidenceThreshold = layer.Float("confidence_threshold", 0),
        OverlapThreshold = layer.Float("nms_threshold"),
        CenterSize = IsCenterSize(layer.Text("code_type", "CORNER")),
        ShareLocation = layer.Flag("share_location", true),
        VarianceEncoded = layer.Flag("variance_encoded_in_target", false),
        ClipBefore = layer.Flag("clip_before_nms", false) || layer.Flag("clip", false),
        ClipAfter = layer.Flag("clip_after_nms", false),
        DecreaseLabel = layer.Flag("decrease_label_id", false),
        Normalized = layer.Flag("normalized", layer.Opset == 0),
        ImageWidth = layer.Float("input_width", 1),
        ImageHeight = layer.Float("input_height", 1),
        ObjectnessThreshold = layer.Float("objectness_score", 0),
    };

    private static int Number(LayerSource layer, string attribute, int defaultValue) =>
        layer.Ints(attribute, defaultValue) is [var number] && number is >= -1 and <= int.MaxValue
            ? (int)number
            : throw new LayerException($"{attribute} is '{layer.Text(attribute)}', not a whole number from -1");

    private static bool IsCenterSize(string codeType) => codeType.Split('.')[^1].ToUpperInvariant() switch
    {
        "CENTER_SIZE" => true,
        "CORNER" => false,
        _ => throw new LayerException($"code_type '{codeType}' is not known"),
    };
}
