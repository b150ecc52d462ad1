namespace EdgeInference.Models.Graphs;

/// <summary>A model in ONNX's operations, every value with its type and shape. Nodes stand after those they depend on.</summary>
internal sealed class Graph
{
    private const int MostOutputs = 256;

    public required string Name { get; init; }

    /// <summary>The inputs under the names that the model file gives them.</summary>
    public List<Value> Inputs { get; } = [];

    public List<Node> Nodes { get; } = [];

    public List<GraphOutput> Outputs { get; } = [];

    /// <summary>Adds an output; one whose name is taken gets a number.</summary>
    /// <exception cref="LayerException">There are more than any real model has.</exception>
    public void AddOutput(string name, Value value)
    {
        if (Outputs.Count == MostOutputs)
            throw new LayerException($"the model has more than {MostOutputs} outputs");
        string unique = name;
        for (int i = 1; Outputs.Any(output => string.Equals(output.Name, unique, StringComparison.Ordinal)); i++)
            unique = $"{name}_{i}";
        Outputs.Add(new GraphOutput(unique, value));
    }

    public bool HasInput(string name) => Inputs.Any(input => string.Equals(input.Name, name, StringComparison.Ordinal));
}

/// <summary>An output under the name that the model file gives it.</summary>
internal sealed record GraphOutput(string Name, Value Value);
