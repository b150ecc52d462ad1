using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>An operation over two or more tensors, with a factor for each in a sum.</summary>
[LegacyLayer("Eltwise")]
internal sealed class Eltwise : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string name = layer.Text("operation", "sum");
        string operation = name switch
        {
            "sum" => "Add",
            "sub" => "Sub",
            "mul" or "prod" => "Mul",
            "div" => "Div",
            "max" => "Max",
            "min" => "Min",
            "pow" => "Pow",
            _ => throw new LayerException($"operation '{name}' is not supported"),
        };
        float[] factors = layer.Floats("coeff");
        if (factors.Length > 0 && (name is not "sum" || factors.Length != layer.Inputs.Count))
            throw new LayerException($"{factors.Length} coefficients do not fit {name} of {layer.Inputs.Count} inputs");

        IEnumerable<Value> operands = layer.Inputs.Select((input, i) =>
            factors.Length > 0 && factors[i] != 1 ? graph.Multiply(input, graph.Float(factors[i])) : input);
        _ = layer.Input(1);
        return [operands.Aggregate((sum, operand) => graph.Binary(operation, sum, operand))];
    }
}
