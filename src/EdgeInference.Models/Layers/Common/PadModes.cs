using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The pad_mode attribute.</summary>
internal static class PadModes
{
    public static PadMode Read(LayerSource layer) => layer.Text("pad_mode", "constant") switch
    {
        "constant" => PadMode.Constant,
        "edge" => PadMode.Edge,
        "reflect" => PadMode.Reflect,
        "symmetric" => PadMode.Symmetric,
        var other => throw new LayerException($"pad_mode '{other}' is not known"),
    };
}
