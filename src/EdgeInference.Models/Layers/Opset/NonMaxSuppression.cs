using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Inputs are boxes [N, boxes, 4], scores [N, classes, boxes], and, all optional and 0 by default, the most boxes of a class,
/// the overlap, the score threshold and (from version 5) the sigma of soft suppression. Outputs are the selected rows
/// (image, class, box) and from version 5 (image, class, score) and their count. As the engines do, all versions give
/// the selected rows only, without the padding that the specification has for static shapes.
/// </summary>
[OpsetLayer("NonMaxSuppression")]
internal sealed class NonMaxSuppression : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value scores = graph.Cast(layer.Input(1), TensorElementType.Float32);
        Value most = Option(2, TensorElementType.Int64);
        Value overlap = Option(3, TensorElementType.Float32);
        Value threshold = Option(4, TensorElementType.Float32);
        if (overlap.Constant?.Values<float>()[0] is < 0 or > 1)
            throw new LayerException("its IoU threshold is not from 0 to 1");
        if (layer.Inputs.Count > 5 && layer.KnownInput(5).ToFloats() is not [0])
            throw new LayerException("soft suppression (soft_nms_sigma above 0) is not supported: each score would depend on the choices before it, which ONNX's operation does not do");

        Value selected = graph.NonMaxSuppression(
            graph.Cast(layer.Input(0), TensorElementType.Float32),
            scores,
            most,
            overlap,
            threshold,
            IsCentered(layer.Text("box_encoding", "corner")));
        Value selectedScores = graph.GatherND(scores, selected);
        if (layer.Flag("sort_result_descending", true) && scores.Shape is not [1, 1, _])
        {
            (selectedScores, Value order) = graph.SortDescending(selectedScores);
            selected = graph.Gather(selected, order, 0);
        }

        TensorElementType indexType = IrElementTypes.Parse(layer.Text("output_type", "i64"));
        Value classes = graph.Slice(selected, [AxisSlice.Whole(Shapes.Unknown), new AxisSlice(0, 1, 2)]);
        Value scoreRows = graph.Concat([graph.Cast(classes, TensorElementType.Float32), graph.Unsqueeze(selectedScores, [1])], 1);
        Value count = graph.Slice(graph.ShapeOf(selected, TensorElementType.Int64), [new AxisSlice(0, 1, 1)]);
        return [graph.Cast(selected, indexType), graph.Cast(scoreRows, layer.Input(1).ElementType), graph.Cast(count, indexType)];

        Value Option(int index, TensorElementType elementType) =>
            index < layer.Inputs.Count ? graph.Cast(layer.Input(index), elementType) : graph.Number(0, elementType);
    }

    private static bool IsCentered(string encoding) => encoding switch
    {
        "center" => true,
        "corner" => false,
        _ => throw new LayerException($"box_encoding '{encoding}' is not known"),
    };
}
