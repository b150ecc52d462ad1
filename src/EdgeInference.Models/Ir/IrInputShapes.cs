using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>Gives the inputs of a document the sizes that the file leaves open.</summary>
internal static class IrInputShapes
{
    /// <param name="document">The document; not changed.</param>
    /// <param name="shapes">Whole shapes by the inputs' names.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="ModelException">There is no such input, or its declared shape is another.</exception>
    public static IrDocument Apply(IrDocument document, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        IrLayer[] layers = [.. document.Layers];
        var waiting = new HashSet<string>(shapes.Keys, StringComparer.Ordinal);
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is { Type: "Parameter" or "Input", Outputs: [IrPort port] } && shapes.TryGetValue(new IrSource(layers[i], 0).Name, out long[]? shape))
            {
                if (!Shapes.Agree(port.Shape, shape))
                    throw new ModelException($"{path}: input '{layers[i].Name}' is {Shapes.Describe(port.Shape)}, which cannot be {Shapes.Describe(shape)}.");
                waiting.Remove(new IrSource(layers[i], 0).Name);
                layers[i] = layers[i] with { Outputs = [port with { Shape = shape }] };
            }
        }

        return waiting.Count == 0
            ? document with { Layers = layers }
            : throw new ModelException($"{path}: has no input '{waiting.First()}' to give a shape to.");
    }
}
