using System.Globalization;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>One layer without weights, translated on its own.</summary>
internal static class TestLayer
{
    /// <param name="graph">Where its operations go.</param>
    /// <param name="type">Its type in IR v11, and the opset: "Gelu:7".</param>
    /// <param name="attributes">As in the file, separated by spaces: "mode=half_to_even".</param>
    /// <param name="inputs">Its operands.</param>
    /// <returns>Its first output.</returns>
    public static Value Opset(GraphBuilder graph, string type, string attributes, params Value[] inputs) =>
        All(graph, type, attributes, inputs)[0];

    /// <summary>The same of IR v7, which has no opsets.</summary>
    public static Value Legacy(GraphBuilder graph, string type, string attributes, params Value[] inputs) =>
        All(graph, type, attributes, inputs)[0];

    /// <summary>The same with a shape declared at its output.</summary>
    public static Value Legacy(GraphBuilder graph, string type, string attributes, long[] declared, params Value[] inputs) =>
        All(graph, type, attributes, inputs, declared)[0];

    /// <param name="graph">Where its operations go.</param>
    /// <param name="type">Its type, with the opset for IR v11, without for IR v7.</param>
    /// <param name="attributes">As in the file, separated by spaces.</param>
    /// <param name="inputs">Its operands.</param>
    /// <param name="declared">The shapes that the file gives to its outputs.</param>
    /// <returns>All its outputs.</returns>
    public static IReadOnlyList<Value> All(GraphBuilder graph, string type, string attributes, Value[] inputs, params long[][] declared)
    {
        string[] parts = type.Split(':');
        IEnumerable<string[]> pairs = attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static a => a.Split('=', 2));
        var layer = new LoneLayer(parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0)
        {
            Attributes = pairs.ToDictionary(static p => p[0], static p => p[1], StringComparer.Ordinal),
            Outputs = declared,
        };
        return layer.Build(graph, inputs);
    }
}
