using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>Which numbers are infinite, finite, or no numbers at all.</summary>
[OpsetLayer("IsFinite")]
[OpsetLayer("IsInf")]
[OpsetLayer("IsNaN")]
internal sealed class FloatTest : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        if (x.ElementType != TensorElementType.Float32)
            throw new LayerException($"{layer.Type} of {x.ElementType} is not supported");
        return layer.Type switch
        {
            "IsFinite" => [graph.Compare("Less", graph.Unary("Abs", x), graph.Float(float.PositiveInfinity))],
            "IsNaN" => [graph.Add("IsNaN", [x], TensorElementType.Boolean, [.. x.Shape])],
            _ => [graph.Add("IsInf", [x], TensorElementType.Boolean, [.. x.Shape], Detect("negative"), Detect("positive"))],
        };

        NodeAttribute Detect(string sign) => ($"detect_{sign}", layer.Flag($"detect_{sign}", true) ? 1L : 0L);
    }
}
