using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Layers;

namespace EdgeInference.Models.Ir;

/// <summary>Turns an IR's layers into the graph.</summary>
internal static class IrTranslator
{
    private const int MostNamed = 20;

    /// <param name="document">What the .xml says.</param>
    /// <param name="weights">The .bin.</param>
    /// <param name="budget">What the model may take.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="floatInterface">Whether inputs and outputs are Float32 where the file declares floats of another width.</param>
    /// <exception cref="ModelException">The model is wrong or has layers that are not supported.</exception>
    public static Graph Translate(IrDocument document, IrWeights weights, LoadBudget budget, string path, bool floatInterface = false)
    {
        RefuseUnknownTypes(document, path);
        budget.Charge(document.Footprint);

        var graph = new Graph { Name = document.Name };
        var builder = new GraphBuilder(graph, budget);
        IReadOnlyList<ConnectedLayer> layers = IrOrder.Sort(document, path);
        var values = new LayerValues(layers);
        foreach (ConnectedLayer layer in layers)
        {
            try
            {
                builder.LayerName = layer.Layer.Name;
                var source = new LayerSource(layer, values.Take(layer), weights) { IrVersion = document.Version, FloatInterface = floatInterface };
                Value[] outputs = [.. Catalog(document).Find(layer.Layer.Type)!.Build(source, builder)];
                for (int i = 0; i < Math.Min(outputs.Length, layer.Layer.Outputs.Length); i++)
                    Check(outputs[i], layer.Layer.Outputs[i]);
                if (outputs.Length > 0 && string.Equals(layer.Layer.Type, "Input", StringComparison.OrdinalIgnoreCase))
                    outputs[0] = MeanSubtraction.Apply(document, outputs[0], weights, builder);
                values.Put(layer, outputs, keepUnused: document.IsLegacy);
            }
            catch (Exception e) when (e is not ModelException)
            {
                throw new ModelException($"{path}: layer '{layer.Layer.Name}' ({layer.Layer.Type}): {Reason(e)}.", e);
            }
        }

        // In legacy files an output is what no edge consumes.
        foreach ((IrSource source, Value value) in values.Unused)
            graph.AddOutput(source.Name, value);
        if (graph.Outputs.Count == 0)
            throw new ModelException($"{path}: the model has no outputs.");
        if (graph.Inputs.GroupBy(static v => v.Name, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } repeated)
            throw new ModelException($"{path}: two inputs are named '{repeated.Key}'.");
        return graph;
    }

    /// <summary>Whatever a layer's code does not foresee of a damaged file ends with a message, not with the service.</summary>
    private static string Reason(Exception exception) => exception switch
    {
        LayerException => exception.Message,
        OverflowException => "its sizes are beyond any real model",
        _ => $"its description fits no layer of the type ({exception.Message.TrimEnd('.')})",
    };

    private static LayerCatalog Catalog(IrDocument document) => document.IsLegacy ? LayerCatalog.Legacy : LayerCatalog.Opset;

    private static void RefuseUnknownTypes(IrDocument document, string path)
    {
        string[] unknown = [.. document.Layers
            .Where(layer => Catalog(document).Find(layer.Type) is null)
            .GroupBy(static layer => layer.Type, StringComparer.Ordinal)
            .Select(static group => group.Count() > 1 ? $"{group.Key} ('{group.First().Name}' and {group.Count() - 1} more)" : $"{group.Key} ('{group.First().Name}')")];
        if (unknown.Length > MostNamed)
            unknown = [.. unknown[..MostNamed], $"and {unknown.Length - MostNamed} more"];
        if (unknown.Length > 0)
            throw new ModelException($"{path}: layers of types that are not supported in IR v{document.Version}: {string.Join(", ", unknown)}.");
    }

    private static void Check(Value value, IrPort declared)
    {
        if (!Shapes.Agree(value.Shape, declared.Shape))
            throw new LayerException($"its output is {Shapes.Describe(value.Shape)}, but the file says {Shapes.Describe(declared.Shape)}");
        if (declared.Precision.Length > 0 && IrElementTypes.Parse(declared.Precision) != value.ElementType)
            throw new LayerException($"its output is of {value.ElementType}, but the file says {declared.Precision}");
    }
}
