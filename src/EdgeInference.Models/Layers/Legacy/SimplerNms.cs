using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers.Common;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>Proposal with three fixed ratios. Scores and offsets may come in either order.</summary>
[LegacyLayer("SimplerNMS")]
internal sealed class SimplerNms : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        var options = new ProposalOptions
        {
            BaseSize = 16,
            Ratios = [0.5f, 1, 2],
            Scales = layer.Floats("scale"),
            Stride = layer.Int("feat_stride"),
            MinSize = layer.Int("min_bbox_size"),
            MostBefore = Proposal.Most(layer, "pre_nms_topn"),
            MostAfter = Proposal.Most(layer, "post_nms_topn"),
            Overlap = layer.Float("iou_threshold"),
            IsSimple = true,
        };
        (Value scores, Value offsets) = (layer.Input(0), layer.Input(1));
        if (scores.Rank == 4 && offsets.Rank == 4 && scores.Shape[1] > offsets.Shape[1])
            (scores, offsets) = (offsets, scores);
        return [new RegionProposals(graph, options).Build(scores, offsets, layer.Input(2)).Regions];
    }
}
