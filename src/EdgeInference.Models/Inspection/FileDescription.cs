using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Layers;
using EdgeInference.Models.Onnx;

namespace EdgeInference.Models.Inspection;

/// <summary>What a file says of itself, with nothing translated.</summary>
internal static class FileDescription
{
    public static ModelInspection Of(IrDocument document, string path)
    {
        LayerCatalog catalog = document.IsLegacy ? LayerCatalog.Legacy : LayerCatalog.Opset;
        return new ModelInspection
        {
            Name = document.Name,
            Format = $"IR v{document.Version}, {IrPrecision.Of(document)}",
            Inputs = [.. document.Layers.Where(IrInputShapes.IsInput).Select(static layer => Describe(new IrSource(layer, 0)))],
            Outputs = [.. Outputs(document).Select(Describe)],
            Layers = Count(document.Layers.Select(static layer => (layer.Type, layer.Version))),
            Unsupported =
            [
                .. document.Layers
                    .Where(layer => catalog.Find(layer.Type) is null)
                    .GroupBy(static layer => layer.Type, StringComparer.Ordinal)
                    .Select(static group => new UnsupportedType(group.Key, [.. group.Select(static layer => layer.Name)])),
            ],
            StoredWeightBytes = IrWeights.LengthOf(Path.ChangeExtension(path, ".bin")),
        };
    }

    public static ModelInspection Of(ModelProto model, InferenceModel read)
    {
        Dictionary<string, long> versions = model.OpsetImport.DistinctBy(static o => Domain(o.Domain)).ToDictionary(static o => Domain(o.Domain), static o => o.Version, StringComparer.Ordinal);
        return new ModelInspection
        {
            Name = read.Name,
            Format = read.Format,
            Inputs = read.Inputs,
            Outputs = read.Outputs,
            Layers = Count(model.Graph.Node.Select(node => (
                Domain(node.Domain).Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}",
                versions.TryGetValue(Domain(node.Domain), out long version) ? $"opset{version}" : ""))),
            StoredWeightBytes = ModelInspector.WeightBytes(model),
        };
    }

    private static LayerCount[] Count(IEnumerable<(string Type, string Version)> layers) =>
    [
        .. layers
            .GroupBy(static layer => layer)
            .Select(static group => new LayerCount(group.Key.Type, group.Key.Version, group.Count()))
            .OrderByDescending(static layer => layer.Count).ThenBy(static layer => layer.Type, StringComparer.Ordinal),
    ];

    private static string Domain(string domain) => domain is "ai.onnx" ? "" : domain;

    /// <summary>What feeds the Result layers; in legacy files what feeds nothing.</summary>
    private static IEnumerable<IrSource> Outputs(IrDocument document)
    {
        HashSet<long> results = [.. document.Layers.Where(static layer => layer.Type is "Result").Select(static layer => layer.Id)];
        HashSet<(long, long)> used = [.. document.Edges.Where(edge => document.IsLegacy || results.Contains(edge.ToLayer)).Select(static edge => (edge.FromLayer, edge.FromPort))];
        return
            from layer in document.Layers
            from port in Enumerable.Range(0, layer.Outputs.Length)
            where used.Contains((layer.Id, layer.Outputs[port].Id)) != document.IsLegacy
            select new IrSource(layer, port);
    }

    private static TensorInfo Describe(IrSource source) => new(source.Name, TypeOf(source), source.Port.Shape);

    private static TensorElementType TypeOf(IrSource source)
    {
        try
        {
            return IrElementTypes.Parse(source.Port.Precision.Length > 0 ? source.Port.Precision : source.Layer.Precision);
        }
        catch (LayerException)
        {
            // Old files name no type where it is that of everything.
            return TensorElementType.Float32;
        }
    }
}
