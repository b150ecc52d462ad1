using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>Reductions over the axes at the second input, which go or stay with size 1.</summary>
[OpsetLayer("ReduceMean"), OpsetLayer("ReduceSum"), OpsetLayer("ReduceMax"), OpsetLayer("ReduceMin"), OpsetLayer("ReduceProd")]
[OpsetLayer("ReduceL1"), OpsetLayer("ReduceL2"), OpsetLayer("ReduceLogicalAnd"), OpsetLayer("ReduceLogicalOr")]
[LegacyLayer("ReduceMean"), LegacyLayer("ReduceSum"), LegacyLayer("ReduceMax"), LegacyLayer("ReduceMin"), LegacyLayer("ReduceProd")]
[LegacyLayer("ReduceL1"), LegacyLayer("ReduceL2"), LegacyLayer("ReduceAnd"), LegacyLayer("ReduceOr")]
[LegacyLayer("ReduceLogSum"), LegacyLayer("ReduceLogSumExp"), LegacyLayer("ReduceSumSquare")]
internal sealed class Reduce : Layer
{
    private static readonly string[] Operations =
        ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"];

    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        long[] axes = layer.ConstantInts(1);
        bool keepDimensions = layer.Flag("keep_dims", layer.Opset == 0);
        if (Operations.FirstOrDefault(name => name.Equals(layer.Type, StringComparison.OrdinalIgnoreCase)) is { } operation)
            return [graph.Reduce(operation, x, axes, keepDimensions)];
        bool all = layer.Type.EndsWith("And", StringComparison.OrdinalIgnoreCase);
        return [graph.Cast(graph.ReduceLogical(graph.Truth(x), all, axes, keepDimensions), x.ElementType)];
    }
}
