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
        foreach ((string name, long[] shape) in shapes)
        {
            int[] named = name.Length == 0 ? inputs : [.. inputs.Where(i => new IrSource(layers[i], 0).Name == name)];
            if (named is not [var index])
            {
                string known = string.Join(", ", inputs.Select(i => $"'{new IrSource(layers[i], 0).Name}'"));
                throw new ModelException(name.Length == 0
                    ? $"{path}: has {inputs.Length} inputs ({known}): say which of them is {Shapes.Describe(shape)}."
                    : $"{path}: has no input '{name}' to give a shape to; it has {known}.");
            }

            IrPort port = layers[index].Outputs[0];
            if (!Shapes.Agree(port.Shape, shape))
                throw new ModelException($"{path}: input '{new IrSource(layers[index], 0).Name}' is {Shapes.Describe(port.Shape)}, which cannot be {Shapes.Describe(shape)}.");
            layers[index] = layers[index] with { Outputs = [port with { Shape = shape }] };
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
