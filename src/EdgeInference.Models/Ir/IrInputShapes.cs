using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>Gives the inputs of a document the sizes that the file leaves open.</summary>
internal static class IrInputShapes
{
    /// <param name="document">The document; not changed.</param>
    /// <param name="shapes">Whole shapes by the inputs' names; the name of an only input may be empty.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="ModelException">There is no such input, or its declared shape is another.</exception>
    public static IrDocument Apply(IrDocument document, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        IrLayer[] layers = [.. document.Layers];
        int[] inputs = [.. Enumerable.Range(0, layers.Length).Where(i => IsInput(layers[i]))];
        foreach ((int input, long[] shape) in InputShapes.Match([.. inputs.Select(i => (new IrSource(layers[i], 0).Name, (IReadOnlyList<long>)layers[i].Outputs[0].Shape))], shapes, path))
        {
            IrLayer layer = layers[inputs[input]];
            layers[inputs[input]] = layer with { Outputs = [layer.Outputs[0] with { Shape = shape }] };
        }

        return document with { Layers = layers };
    }

    /// <summary>The first input with open sizes, for messages; null where there is none.</summary>
    public static string? FindOpen(IrDocument document) => document.Layers
        .Where(static layer => IsInput(layer) && !Shapes.IsStatic(layer.Outputs[0].Shape))
        .Select(static layer => $"{new IrSource(layer, 0).Name} {Shapes.Describe(layer.Outputs[0].Shape)}")
        .FirstOrDefault();

    public static bool IsInput(IrLayer layer) =>
        layer.Outputs.Length == 1 && (layer.Type == "Parameter" || string.Equals(layer.Type, "Input", StringComparison.OrdinalIgnoreCase));
}
