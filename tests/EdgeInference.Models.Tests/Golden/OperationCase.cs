using System.Text.Json;
using EdgeInference.Inference;
using EdgeInference.Models.Npy;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>One entry of a cases.json: a net, its inputs, and the outputs of a real engine.</summary>
internal sealed record OperationCase(string Name, string Xml, bool IsNet, IReadOnlyList<NamedFile> Inputs, IReadOnlyList<NamedFile> Outputs)
{
    public static OperationCase Parse(JsonElement description, string folder)
    {
        string name = description.GetProperty("name").GetString()!;
        string[] types = description.TryGetProperty("op_types", out JsonElement opTypes)
            ? [.. opTypes.EnumerateArray().Select(static t => t.GetString()!)]
            : [];
        return new OperationCase(
            name,
            Path.Combine(folder, description.GetProperty("xml").GetString()!),
            types.Length > 6,
            Files("inputs"),
            Files("outputs"));

        NamedFile[] Files(string property) => description.GetProperty(property) is { ValueKind: JsonValueKind.Object } map
            ? [.. map.EnumerateObject().Select(p => new NamedFile(p.Name, Path.Combine(folder, p.Value.GetString()!)))]
            : [.. description.GetProperty(property).EnumerateArray().Select(file => new NamedFile(
                file.TryGetProperty("tensor_names", out JsonElement names) ? names[0].GetString()! : file.GetProperty("name").GetString()!,
                Path.Combine(folder, name, file.GetProperty("file").GetString()!)))];
    }

    /// <summary>Reads and runs the net.</summary>
    /// <returns>What is wrong with the outputs; null when they are right.</returns>
    public async Task<string?> RunAsync()
    {
        InferenceModel model = ModelFile.Read(Xml);
        Tensor[] inputs = [.. model.Inputs.Select(input => NpyFile.Read(Inputs.Single(file => string.Equals(file.Name, input.Name, StringComparison.Ordinal)).Path))];
        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, inputs);
        string[] names = [.. model.Outputs.Select(static o => o.Name)];
        if (!Outputs.Select(static o => o.Name).ToHashSet(StringComparer.Ordinal).SetEquals(names))
            return $"outputs are {string.Join(", ", names)}, not {string.Join(", ", Outputs.Select(static o => o.Name))}";
        return Outputs
            .Select(expected => Compare(expected, outputs[Array.IndexOf(names, expected.Name)], model.DetectionOutputs.Contains(Array.IndexOf(names, expected.Name))))
            .FirstOrDefault(static fault => fault is not null);
    }

    private string? Compare(NamedFile file, Tensor actual, bool detections)
    {
        Tensor expected = NpyFile.Read(file.Path);
        if (!expected.Shape.SequenceEqual(actual.Shape))
            return $"{file.Name} is [{string.Join(',', actual.Shape.ToArray())}], not [{string.Join(',', expected.Shape.ToArray())}]";
        double[] right = TensorValues.Read(expected);
        double[] given = TensorValues.Read(actual);
        double largest = right.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        double tolerance = detections ? 1e-4
            : expected.ElementType == TensorElementType.Float16 ? 2e-3 * largest
            : IsNet ? 1e-3 * Math.Max(1, largest)
            : 1e-4 * Math.Max(1, largest);
        for (int i = 0; i < right.Length; i++)
        {
            if (Math.Abs(right[i] - given[i]) > tolerance || double.IsNaN(right[i]) != double.IsNaN(given[i]))
                return $"{file.Name}[{i}] is {given[i]}, not {right[i]} (largest {largest})";
        }

        return null;
    }
}

/// <summary>A tensor's name and its .npy file.</summary>
internal sealed record NamedFile(string Name, string Path);
