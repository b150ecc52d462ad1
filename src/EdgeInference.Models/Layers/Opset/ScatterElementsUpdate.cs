using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Replaces single elements. Opset 12 can combine them with what is there, or with each other alone
/// (<c>use_init_val</c> false).
/// </summary>
[OpsetLayer("ScatterElementsUpdate")]
internal sealed class ScatterElementsUpdate : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        (Value x, Value indices, Value updates) = (layer.Input(0), layer.Input(1), layer.Input(2));
        long axis = layer.ConstantInt(3);
        string reduction = layer.Text("reduction", "none");
        if (reduction is "none")
            return [graph.ScatterElements(x, indices, updates, axis)];

        bool withInitial = layer.Flag("use_init_val", true);
        Value start = withInitial ? x : graph.ScatterElements(x, indices, Filled(reduction is "prod" ? 1 : 0), axis);
        switch (reduction)
        {
            case "sum":
                return [graph.ScatterElements(start, indices, updates, axis, "add")];
            case "prod":
                return [graph.ScatterElements(start, indices, updates, axis, "mul")];
            case "mean" when x.ElementType == TensorElementType.Float32:
                Value zeros = graph.Expand(graph.Float(0), graph.ShapeOf(x, TensorElementType.Int64));
                Value count = graph.ScatterElements(withInitial ? graph.Add(zeros, graph.Float(1)) : zeros, indices, Filled(1), axis, "add");
                Value sum = graph.ScatterElements(start, indices, updates, axis, "add");
                return [graph.Divide(sum, graph.Binary("Max", count, graph.Float(1)))];
            default:
                throw new LayerException($"reduction '{reduction}' of {x.ElementType} is not supported");
        }

        Value Filled(float value) => graph.Expand(graph.Cast(graph.Float(value), x.ElementType), graph.ShapeOf(updates, TensorElementType.Int64));
    }
}
