using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Inputs are locations [N, priors * 4 (* classes)], scores [N, priors * classes] and priors [1 or N, 1 or 2, priors * 4].</summary>
[OpsetLayer("DetectionOutput")]
[LegacyLayer("DetectionOutput")]
internal sealed class DetectionOutput : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        DetectionOptions options = ReadOptions(layer);
        var output = new Value(layer.Name, TensorElementType.Float32, [1, 1, options.Rows, DetectionDecoder.RowLength]);
        graph.Add(new DetectionNode(new DetectionLayer(layer.IrVersion, layer.Version, layer.Attributes), layer.Inputs, output));
        return [output];
    }

    /// <summary>The layer's attributes, found to fit its inputs.</summary>
    public static DetectionOptions ReadOptions(LayerSource layer)
    {
        if (layer.Inputs.Count != 3)
            throw new LayerException($"the form with {layer.Inputs.Count} inputs is not supported");
        Value[] inputs = [.. layer.Inputs];
        if (inputs.Any(static input => !input.IsStatic || input.ElementType != TensorElementType.Float32))
            throw new LayerException("its inputs are not floats of a size known at load");

        bool normalized = layer.Flag("normalized", layer.Opset == 0);
        bool shareLocation = layer.Flag("share_location", true);
        bool varianceEncoded = layer.Flag("variance_encoded_in_target", false);
        Value priors = inputs[2];
        if (inputs[0].Rank != 2 || inputs[1].Rank != 2 || priors.Rank != 3)
            throw new LayerException($"its inputs have {inputs[0].Rank}, {inputs[1].Rank} and {priors.Rank} dimensions, not 2, 2 and 3");
        (long batch, long locations) = (inputs[0].Shape[0], inputs[0].Shape[1]);
        long count = priors.Shape[2] / (normalized ? 4 : 5);
        long classes = layer.Int("num_classes", count > 0 ? inputs[1].Shape[1] / count : 0);
        if (batch < 1
            || count < 1
            || classes is < 1 or > 1 << 20
            || priors.Shape[2] != count * (normalized ? 4 : 5)
            || priors.Shape[1] < (varianceEncoded ? 1 : 2)
            || (priors.Shape[0] != 1 && priors.Shape[0] != batch)
            || locations != checked(count * 4 * (shareLocation ? 1 : classes))
            || inputs[1].Shape[0] != batch
            || inputs[1].Shape[1] != checked(count * classes))
        {
            throw new LayerException($"locations {Shapes.Describe(inputs[0].Shape)}, scores {Shapes.Describe(inputs[1].Shape)} and priors {Shapes.Describe(priors.Shape)} do not fit {classes} classes");
        }

        long topK = Limit(layer, "top_k");
        long keepTopK = Limit(layer, "keep_top_k");
        long perImage = keepTopK >= 0 ? keepTopK : checked(topK >= 0 ? topK * classes : count * classes);
        return new DetectionOptions
        {
            Batch = (int)batch,
            Priors = (int)count,
            Classes = (int)classes,
            BackgroundClass = (int)Math.Clamp(layer.Int("background_label_id", 0), -1, int.MaxValue),
            TopK = (int)topK,
            KeepTopK = (int)keepTopK,
            ConfidenceThreshold = layer.Float("confidence_threshold", 0),
            OverlapThreshold = layer.Float("nms_threshold"),
            CenterSize = IsCenterSize(layer.Text("code_type", "CORNER")),
            ShareLocation = shareLocation,
            VarianceEncoded = varianceEncoded,
            ClipBefore = layer.Flag("clip_before_nms", false) || layer.Flag("clip", false),
            ClipAfter = layer.Flag("clip_after_nms", false),
            DecreaseLabel = layer.Flag("decrease_label_id", false),
            Normalized = normalized,
            ImageWidth = layer.Float("input_width", 1),
            ImageHeight = layer.Float("input_height", 1),
            PriorsPerImage = priors.Shape[0] > 1,
            Rows = checked((int)Math.Min(batch * perImage, int.MaxValue / 64)),
        };
    }

    private static long Limit(LayerSource layer, string attribute) =>
        layer.Ints(attribute, -1) is [var limit] && limit is >= -1 and <= int.MaxValue
            ? limit
            : throw new LayerException($"{attribute} is '{layer.Text(attribute)}', not a whole number from -1");

    private static bool IsCenterSize(string codeType) => codeType.Split('.')[^1].ToUpperInvariant() switch
    {
        "CENTER_SIZE" => true,
        "CORNER" => false,
        _ => throw new LayerException($"code_type '{codeType}' is not known"),
    };
}
