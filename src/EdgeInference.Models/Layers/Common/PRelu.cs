using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>x, or x * slope below zero. The slope is an operand, in legacy files the weights: one number, or one for each channel.</summary>
[OpsetLayer("PReLU")]
[LegacyLayer("PReLU")]
internal sealed class PRelu : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Value slope = layer.Opset > 0 ? layer.Input(1) : graph.Constant(layer.Blob("weights") ?? throw new LayerException("its weights are missing"));
        return [graph.PRelu(x, PerChannel(graph, x, slope))];
    }

    private static Value PerChannel(GraphBuilder graph, Value x, Value slope)
    {
        int channelAxis = Math.Min(1, x.Rank - 1);
        return slope.Rank == 1 && slope.Shape[0] != 1 && x.Rank > 0 && (x.Shape[channelAxis] < 0 || slope.Shape[0] == x.Shape[channelAxis])
            ? graph.Reshape(slope, [slope.Shape[0], .. Enumerable.Repeat(1L, x.Rank - 1 - channelAxis)])
            : slope;
    }
}
