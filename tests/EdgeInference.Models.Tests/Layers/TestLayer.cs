using System.Globalization;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Layers;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>One layer without weights, translated on its own.</summary>
internal static class TestLayer
{
    /// <param name="graph">Where its operations go.</param>
    /// <param name="type">Its type in IR v11, and the opset: "Gelu:7".</param>
    /// <param name="attributes">As in the file, separated by spaces: "mode=half_to_even".</param>
    /// <param name="inputs">Its operands.</param>
    /// <returns>Its first output.</returns>
    public static Value Opset(GraphBuilder graph, string type, string attributes, params Value[] inputs) =>
        Build(LayerCatalog.Opset, 11, graph, type.Split(':'), attributes, inputs);

    /// <summary>The same of IR v7, which has no opsets.</summary>
    public static Value Legacy(GraphBuilder graph, string type, string attributes, params Value[] inputs) =>
        Build(LayerCatalog.Legacy, 7, graph, [type], attributes, inputs);

    private static Value Build(LayerCatalog catalog, int irVersion, GraphBuilder graph, string[] type, string attributes, Value[] inputs)
    {
        var layer = new IrLayer
        {
            Id = 0,
            Name = "layer",
            Type = type[0],
            Version = type.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"opset{type[1]}") : "",
            Precision = "FP32",
            Attributes = new IrAttributes([.. attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static a => a.Split('=', 2)).Select(static a => KeyValuePair.Create(a[0], a[1]))]),
            Blobs = new Dictionary<string, IrBlob>(StringComparer.Ordinal),
            Inputs = [],
            Outputs = [],
        };
        using var weights = new IrWeights("no.bin", LoadBudget.ForFiles(0));
        return catalog.Find(type[0])!.Build(new LayerSource(new ConnectedLayer(layer, []), inputs, weights) { IrVersion = irVersion }, graph)[0];
    }
}
