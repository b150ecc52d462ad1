using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Opset;

/// <summary>
/// Inputs are features [N, C, H, W], regions [regions, 4] and the image of each. The largest sample is not ONNX's, which
/// compares weighted neighbours, but that of the interpolated samples and 0 (as OpenVINO has it).
/// </summary>
[OpsetLayer("ROIAlign")]
internal sealed class RoiAlign : Layer
{
    public override IReadOnlyList<Value> Build(LayerSource layer, GraphBuilder graph)
    {
        Value x = graph.Cast(layer.Input(0), TensorElementType.Float32);
        Value regions = graph.Cast(layer.Input(1), TensorElementType.Float32);
        Value images = graph.Cast(layer.Input(2), TensorElementType.Int64);
        string aligned = layer.Text("aligned_mode", "asymmetric");
        if (aligned is not ("asymmetric" or "half_pixel_for_nn" or "half_pixel"))
            throw new LayerException($"aligned_mode '{aligned}' is not known");
        if (aligned is "half_pixel")
            regions = graph.Add(regions, graph.Float(0.5f));
        var options = new RoiAlignOptions(
            Positive(layer, "pooled_h"),
            Positive(layer, "pooled_w"),
            layer.Int("sampling_ratio") is >= 0 and <= 1 << 10 and var samples ? samples : throw new LayerException($"sampling_ratio is '{layer.Text("sampling_ratio")}', not from 0 to 1024"),
            layer.Float("spatial_scale"),
            HalfPixel: aligned is not "asymmetric");

        Value pooled = layer.Text("mode") switch
        {
            "avg" => graph.RoiAlign(x, regions, images, options),
            "max" => Largest(graph, x, regions, images, options),
            var other => throw new LayerException($"mode '{other}' is not known"),
        };
        return [graph.Cast(pooled, layer.Input(0).ElementType)];
    }

    /// <summary>Every sample becomes a cell, so that the largest can be taken of them.</summary>
    private static Value Largest(GraphBuilder graph, Value x, Value regions, Value images, RoiAlignOptions options)
    {
        long samples = options.Samples;
        if (samples < 1)
            throw new LayerException("the largest of a number of samples that depends on the region is not supported");
        RoiAlignOptions fine = options with { Height = checked(options.Height * samples), Width = checked(options.Width * samples), Samples = 1 };
        Value cells = graph.RoiAlign(x, regions, images, fine);
        var window = new Window([samples, samples], [samples, samples], [1, 1], [0, 0], [0, 0]);
        return graph.Unary("Relu", samples == 1 ? cells : graph.MaxPool(cells, window));
    }

    private static long Positive(LayerSource layer, string attribute) =>
        layer.Int(attribute) is >= 1 and <= 1 << 10 and var number ? number : throw new LayerException($"{attribute} is '{layer.Text(attribute)}', not from 1 to 1024");
}
