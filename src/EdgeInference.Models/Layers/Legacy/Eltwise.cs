using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>An operation of two tensors, for some of more, with a factor for each in a sum. Truth values are the numbers 0 and 1.</summary>
[LegacyLayer("Eltwise")]
internal sealed class Eltwise : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        string operation = layer.Text("operation", "sum").ToUpperInvariant();
        float[] factors = layer.Floats("coeff");
        if (factors.Length > 0 && (operation is not "SUM" || factors.Length != layer.Inputs.Count))
            throw new LayerException($"{factors.Length} coefficients do not fit {layer.Text("operation", "sum")} of {layer.Inputs.Count} inputs");
        if (layer.Inputs.Count > 2 && operation is not ("SUM" or "MUL" or "PROD" or "MAX" or "MIN"))
            throw new LayerException($"{layer.Text("operation")} of {layer.Inputs.Count} inputs is not supported");

        _ = layer.Input(1);
        IEnumerable<Value> operands = layer.Inputs.Select((input, i) =>
            factors.Length > 0 && factors[i] != 1 ? graph.Multiply(input, graph.Float(factors[i])) : input);
        return [operands.Aggregate((first, second) => Combine(operation, graph, first, second))];
    }

    private static Value Combine(string operation, GraphBuilder graph, Value first, Value second) => operation switch
    {
        "SUM" => graph.Add(first, second),
        "SUB" => graph.Subtract(first, second),
        "MUL" or "PROD" => graph.Multiply(first, second),
        "DIV" => graph.Divide(first, second),
        "MAX" => graph.Binary("Max", first, second),
        "MIN" => graph.Binary("Min", first, second),
        "POW" => graph.Binary("Pow", first, second),
        "SQUARED_DIFF" => graph.SquaredDifference(first, second),
        "FLOOR_MOD" => graph.FloorModulo(first, second),
        _ => graph.Cast(Test(operation, graph, first, second), first.ElementType),
    };

    private static Value Test(string operation, GraphBuilder graph, Value first, Value second) => operation switch
    {
        "EQUAL" => graph.Compare("Equal", first, second),
        "NOT_EQUAL" => graph.Not(graph.Compare("Equal", first, second)),
        "LESS" => graph.Compare("Less", first, second),
        "LESS_EQUAL" => graph.Compare("LessOrEqual", first, second),
        "GREATER" => graph.Compare("Greater", first, second),
        "GREATER_EQUAL" => graph.Compare("GreaterOrEqual", first, second),
        "LOGICAL_AND" => graph.Logical("And", graph.Truth(first), graph.Truth(second)),
        "LOGICAL_OR" => graph.Logical("Or", graph.Truth(first), graph.Truth(second)),
        "LOGICAL_XOR" => graph.Logical("Xor", graph.Truth(first), graph.Truth(second)),
        _ => throw new LayerException($"operation '{operation.ToLowerInvariant()}' is not supported"),
    };
}
