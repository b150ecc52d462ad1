using System.Globalization;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>The first output of one layer without weights, translated on its own.</summary>
internal static class TestLayer
{
    /// <param name="graph">Where its operations go.</param>
    /// <param name="type">Its type in IR v11, and the opset: "Gelu:7".</param>
    /// <param name="attributes">As in the file, separated by spaces: "mode=half_to_even".</param>
    /// <param name="inputs">Its operands.</param>
    public static Value Opset(GraphBuilder graph, string type, string attributes, params Value[] inputs)
    {
        int colon = type.IndexOf(':', StringComparison.Ordinal);
        return Build(graph, new LoneLayer(type[..colon], int.Parse(type.AsSpan(colon + 1), CultureInfo.InvariantCulture)), attributes, inputs);
    }

    /// <summary>The same of IR v7, which has no opsets.</summary>
    public static Value Legacy(GraphBuilder graph, string type, string attributes, params Value[] inputs) =>
        Build(graph, new LoneLayer(type, 0), attributes, inputs);

    /// <summary>The same with a shape declared at its output.</summary>
    public static Value Legacy(GraphBuilder graph, string type, string attributes, long[] declared, params Value[] inputs) =>
        Build(graph, new LoneLayer(type, 0) { Outputs = [declared] }, attributes, inputs);

    private static Value Build(GraphBuilder graph, LoneLayer layer, string attributes, Value[] inputs)
    {
        IEnumerable<string[]> pairs = attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static a => a.Split('=', 2));
        return (layer with { Attributes = pairs.ToDictionary(static p => p[0], static p => p[1], StringComparer.Ordinal) }).Build(graph, inputs)[0];
    }
}
