using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Inputs are scores, offsets and the image's sizes; version 4 gives the scores of the regions too.</summary>
[OpsetLayer("Proposal")]
[LegacyLayer("Proposal")]
internal sealed class Proposal : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string framework = layer.Text("framework", "");
        if (framework is not ("" or "caffe" or "tensorflow"))
            throw new LayerException($"framework '{framework}' is not known");
        var options = new ProposalOptions
        {
            BaseSize = layer.Float("base_size"),
            Ratios = layer.Floats("ratio"),
            Scales = layer.Floats("scale"),
            Stride = layer.Float("feat_stride"),
            MinSize = layer.Float("min_size"),
            MostBefore = Most(layer, "pre_nms_topn"),
            MostAfter = Most(layer, "post_nms_topn"),
            Overlap = layer.Float("nms_thresh"),
            CoordinateScale = layer.Float("box_coordinate_scale", 1),
            SizeScale = layer.Float("box_size_scale", 1),
            IsTensorFlow = framework is "tensorflow",
            ClipBefore = layer.Flag("clip_before_nms", true),
            ClipAfter = layer.Flag("clip_after_nms", false),
            Normalize = layer.Flag("normalize", false),
        };
        TensorElementType elementType = layer.Input(0).ElementType;
        (Value regions, Value scores) = new RegionProposals(graph, options).Build(Floats(0), Floats(1), Floats(2));
        return [graph.Cast(regions, elementType), graph.Cast(scores, elementType)];

        Value Floats(int index) => graph.Cast(layer.Input(index), TensorElementType.Float32);
    }

    public static long Most(LayerSource layer, string attribute) =>
        layer.Int(attribute) is > 0 and <= int.MaxValue and var most ? most : throw new LayerException($"{attribute} is '{layer.Text(attribute)}', not a number above 0");
}
