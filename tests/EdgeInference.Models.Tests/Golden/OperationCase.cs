using System.Text.Json;
using System.Xml.Linq;
using EdgeInference.Inference;
using EdgeInference.Models.Npy;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>One entry of a cases.json: a net, its inputs, and the outputs of a real engine, in the net's order.</summary>
internal sealed record OperationCase(string Name, string Xml, int IrVersion, IReadOnlyList<string> Types, IReadOnlyList<NamedFile> Inputs, IReadOnlyList<NamedFile> Outputs)
{
    /// <summary>Whether the file leaves sizes of its inputs open.</summary>
    public bool HasOpenInputs =>
        XDocument.Load(Xml).Descendants("layer").Any(static layer =>
            (string?)layer.Attribute("type") is "Parameter" && layer.Descendants("dim").Any(static dim => dim.Value is "-1"));

    /// <summary>The cases of a folder whose names match EDGEINFERENCE_CASES (a regular expression); all without it.</summary>
    public static IReadOnlyList<OperationCase> ReadAll(string folder)
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        string pattern = Environment.GetEnvironmentVariable("EDGEINFERENCE_CASES") ?? "";
        return
        [
            .. cases.RootElement.EnumerateArray()
                .Select(description => Parse(description, folder))
                .Where(operation => System.Text.RegularExpressions.Regex.IsMatch(operation.Name, pattern, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1))),
        ];
    }

    /// <summary>Reads and runs the net.</summary>
    /// <param name="giveShapes">Whether inputs with open sizes get theirs when the net is read, or only when it runs.</param>
    /// <returns>What is wrong with the outputs; null when they are right.</returns>
    /// <exception cref="ModelException">The net is refused.</exception>
    public async Task<string?> RunAsync(bool giveShapes = true)
    {
        Dictionary<string, Tensor> given = Inputs.ToDictionary(static file => file.Name, static file => NpyFile.Read(file.Path), StringComparer.Ordinal);
        var options = new ModelFileOptions
        {
            InputShapes = !giveShapes ? null : given.ToDictionary(static i => i.Key, static i => i.Value.Shape.ToArray(), StringComparer.Ordinal),
            IntegerKernels = IntegerKernels.Never,
        };
        InferenceModel model = ModelFile.Read(Xml, options);
        IReadOnlyList<Tensor> outputs = await ModelRunner.RunAsync(model, [.. model.Inputs.Select(input => given[input.Name])]);
        if (!model.Outputs.Select(static o => o.Name).Order(StringComparer.Ordinal).SequenceEqual(Outputs.Select(static o => o.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal))
            return $"outputs are {string.Join(", ", model.Outputs.Select(static o => o.Name))}, not {string.Join(", ", Outputs.Select(static o => o.Name))}";
        var tolerance = new CaseTolerance(this, given.Values);
        return Outputs
            .Select((expected, i) =>
            {
                int index = IrVersion < 10 ? model.Outputs.Select(static o => o.Name).ToList().IndexOf(expected.Name) : i;
                return tolerance.Compare(expected.Name, NpyFile.Read(expected.Path), outputs[index]);
            })
            .FirstOrDefault(static fault => fault is not null);
    }

    private static OperationCase Parse(JsonElement description, string folder)
    {
        string name = description.GetProperty("name").GetString()!;
        JsonElement types = description.TryGetProperty("op_types", out JsonElement opTypes) ? opTypes : description.GetProperty("layer_types");
        return new OperationCase(
            name,
            Path.Combine(folder, description.GetProperty("xml").GetString()!),
            description.GetProperty("ir_version").GetInt32(),
            [.. types.EnumerateArray().Select(static t => t.GetString()!)],
            Files("inputs"),
            Files("outputs"));

        NamedFile[] Files(string property) => description.GetProperty(property) is { ValueKind: JsonValueKind.Object } map
            ? [.. map.EnumerateObject().Select(p => new NamedFile(p.Name, Path.Combine(folder, p.Value.GetString()!)))]
            : [.. description.GetProperty(property).EnumerateArray().Select(file => new NamedFile(
                file.TryGetProperty("tensor_names", out JsonElement names) ? names[0].GetString()! : file.GetProperty("name").GetString()!,
                Path.Combine(folder, name, file.GetProperty("file").GetString()!)))];
    }
}

/// <summary>A tensor's name and its .npy file.</summary>
internal sealed record NamedFile(string Name, string Path);
