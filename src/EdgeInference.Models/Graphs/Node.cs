namespace EdgeInference.Models.Graphs;

/// <summary>An ONNX operation between values.</summary>
internal class Node(string operation, IEnumerable<Value?> inputs, IEnumerable<Value> outputs, IEnumerable<NodeAttribute> attributes)
{
    /// <summary>ONNX's op_type.</summary>
    public string Operation { get; } = operation;

    /// <summary>Whose operation it is: empty for those of the ONNX standard.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The operands; null where an optional one is left out.</summary>
    public List<Value?> Inputs { get; } = [.. inputs];

    public IReadOnlyList<Value> Outputs { get; } = [.. outputs];

    public IReadOnlyList<NodeAttribute> Attributes { get; } = [.. attributes];

    public Value Output => Outputs[0];

    /// <summary>A list of whole numbers; empty where there is no such attribute.</summary>
    public long[] Ints(string name) => Find(name) as long[] ?? [];

    public long Int(string name, long defaultValue) => Find(name) as long? ?? defaultValue;

    public float Float(string name, float defaultValue) => Find(name) as float? ?? defaultValue;

    private object? Find(string name) =>
        Attributes.FirstOrDefault(attribute => string.Equals(attribute.Name, name, StringComparison.Ordinal))?.Value;
}

/// <summary>An attribute of an ONNX node.</summary>
/// <param name="Name">ONNX's name.</param>
/// <param name="Value">A long, float, string, long[] or float[].</param>
internal sealed record NodeAttribute(string Name, object Value)
{
    public static implicit operator NodeAttribute((string Name, object Value) pair) => new(pair.Name, pair.Value);
}
