using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

[LegacyLayer("Convolution")]
internal sealed class Convolution : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = layer.Input(0);
        Window window = LegacyWindow.Read(layer, x.Shape);
        long outputs = layer.Int("output");
        long groups = layer.Int("group", 1);
        if (outputs < 1 || groups < 1 || x.Shape[1] % groups != 0)
            throw new LayerException($"{outputs} outputs and {groups} groups do not fit {x.Shape[1]} channels");
        Value weights = graph.Constant(layer.Blob("weights", [outputs, x.Shape[1] / groups, .. window.Kernel]));
        Value? bias = layer.Blob("biases") is null ? null : graph.Constant(layer.Blob("biases", [outputs]));
        return [graph.Convolution(x, weights, bias, window, groups)];
    }
}
