using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers;

namespace EdgeInference.Models.Ir;

/// <summary>Turns an IR's layers into the graph.</summary>
internal static class IrTranslator
{
    /// <summary>What constants may take beyond the file's own: priors, shapes, and every step of unpacking weights.</summary>
    private const long ConstantAllowance = 64 << 20;
    private const int StepsOfUnpacking = 16;

    /// <exception cref="ModelException">The model is wrong or has layers that are not supported.</exception>
    public static Graph Translate(IrDocument document, IrWeights weights, string path)
    {
        RefuseUnknownTypes(document, path);

        var graph = new Graph { Name = document.Name };
        var builder = new GraphBuilder(graph, ConstantAllowance + (weights.Length * StepsOfUnpacking));
        var values = new Dictionary<(long Layer, int Output), Value>();
        IReadOnlyList<ConnectedLayer> layers = IrOrder.Sort(document, path);
        foreach (ConnectedLayer layer in layers)
        {
            try
            {
                builder.LayerName = layer.Layer.Name;
                Translate(layer, document, weights, builder, values);
                if (string.Equals(layer.Layer.Type, "Input", StringComparison.OrdinalIgnoreCase))
                    values[(layer.Layer.Id, 0)] = MeanSubtraction.Apply(document, values[(layer.Layer.Id, 0)], weights, builder);
            }
            catch (Exception e) when (e is LayerException or OverflowException)
            {
                throw new ModelException($"{path}: layer '{layer.Layer.Name}' ({layer.Layer.Type}): {(e is OverflowException ? "its sizes are beyond any real model" : e.Message)}.", e);
            }
        }

        if (document.IsLegacy)
            AddUnconsumedOutputs(graph, layers, values);
        if (graph.Outputs.Count == 0)
            throw new ModelException($"{path}: the model has no outputs.");
        if (graph.Inputs.GroupBy(static v => v.Name, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } repeated)
            throw new ModelException($"{path}: two inputs are named '{repeated.Key}'.");
        return graph;
    }

    private static LayerCatalog Catalog(IrDocument document) => document.IsLegacy ? LayerCatalog.Legacy : LayerCatalog.Opset;

    private static void RefuseUnknownTypes(IrDocument document, string path)
    {
        string[] unknown = [.. document.Layers
            .Where(layer => Catalog(document).Find(layer.Type) is null)
            .GroupBy(static layer => layer.Type, StringComparer.Ordinal)
            .Select(static group => group.Count() > 1 ? $"{group.Key} ('{group.First().Name}' and {group.Count() - 1} more)" : $"{group.Key} ('{group.First().Name}')")];
        if (unknown.Length > 0)
            throw new ModelException($"{path}: layers of types that are not supported in IR v{document.Version}: {string.Join(", ", unknown)}.");
    }

    private static void Translate(ConnectedLayer layer, IrDocument document, IrWeights weights, GraphBuilder builder, Dictionary<(long Layer, int Output), Value> values)
    {
        Value[] inputs = [.. layer.Sources.Select(source => values.GetValueOrDefault((source.Layer.Id, source.Index))
            ?? throw new LayerException($"output {source.Index} of '{source.Layer.Name}' ({source.Layer.Type}) is not supported"))];
        IReadOnlyList<Value> outputs = Catalog(document).Find(layer.Layer.Type)!.Build(new LayerSource(layer, inputs, weights) { IrVersion = document.Version }, builder);
        for (int i = 0; i < Math.Min(outputs.Count, layer.Layer.Outputs.Count); i++)
        {
            Check(outputs[i], layer.Layer.Outputs[i]);
            values[(layer.Layer.Id, i)] = outputs[i];
        }
    }

    private static void Check(Value value, IrPort declared)
    {
        if (!Shapes.Agree(value.Shape, declared.Shape))
            throw new LayerException($"its output is {Shapes.Describe(value.Shape)}, but the file says {Shapes.Describe(declared.Shape)}");
        if (declared.Precision.Length > 0 && IrElementTypes.Parse(declared.Precision) != value.ElementType)
            throw new LayerException($"its output is of {value.ElementType}, but the file says {declared.Precision}");
    }

    /// <summary>In legacy files an output is what no edge consumes.</summary>
    private static void AddUnconsumedOutputs(Graph graph, IReadOnlyList<ConnectedLayer> layers, Dictionary<(long Layer, int Output), Value> values)
    {
        var consumed = layers.SelectMany(static l => l.Sources).Select(static s => (s.Layer.Id, s.Index)).ToHashSet();
        foreach (IrLayer layer in layers.Select(static l => l.Layer))
        {
            for (int i = 0; i < layer.Outputs.Count; i++)
            {
                if (!consumed.Contains((layer.Id, i)) && values.TryGetValue((layer.Id, i), out Value? value))
                    graph.AddOutput(new IrSource(layer, i).Name, value);
            }
        }
    }
}
