using EdgeInference.Inference;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models;

/// <summary>Finds the inputs that shapes are given for.</summary>
internal static class InputShapes
{
    /// <param name="inputs">The model's inputs with the shapes of the file.</param>
    /// <param name="shapes">Whole shapes by the inputs' names; the name of an only input may be empty.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>The given shapes, each with the place of its input.</returns>
    /// <exception cref="ModelException">There is no such input, or the file says that its shape is another.</exception>
    public static IReadOnlyList<(int Input, long[] Shape)> Match(
        IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> inputs, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        return [.. shapes.Select(given => (Find(given.Key, given.Value), given.Value))];

        int Find(string name, long[] shape)
        {
            int[] named = [.. Enumerable.Range(0, inputs.Count).Where(i => name.Length == 0 || inputs[i].Name == name)];
            if (named is not [var index])
            {
                string known = string.Join(", ", inputs.Select(static input => $"'{input.Name}'"));
                throw new ModelException(name.Length == 0
                    ? $"{path}: has {inputs.Count} inputs ({known}): say which of them is {Shapes.Describe(shape)}."
                    : $"{path}: has no input '{name}' to give a shape to; it has {known}.");
            }

            return Shapes.Agree(inputs[index].Shape, shape)
                ? index
                : throw new ModelException($"{path}: input '{inputs[index].Name}' is {Shapes.Describe(inputs[index].Shape)}, which cannot be {Shapes.Describe(shape)}.");
        }
    }
}
