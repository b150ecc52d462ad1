using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Layers;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

/// <summary>One layer, without a file around it.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Opset">The opset; 0 for a legacy layer.</param>
internal sealed record LoneLayer(string Type, int Opset)
{
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The shapes declared at its outputs.</summary>
    public IReadOnlyList<long[]> Outputs { get; init; } = [[]];

    public IReadOnlyList<Value> Build(GraphBuilder graph, params Value[] inputs)
    {
        var described = new IrLayer
        {
            Id = 0,
            Name = "layer",
            Type = Type,
            Version = Opset > 0 ? $"opset{Opset}" : "",
            Precision = "FP32",
            Attributes = new IrAttributes([.. Attributes]),
            Blobs = new Dictionary<string, IrBlob>(StringComparer.Ordinal),
            Inputs = [],
            Outputs = [.. Outputs.Select(static (shape, i) => new IrPort(i, "", shape, []))],
        };
        using var weights = new IrWeights("", LoadBudget.ForFiles(0));
        LayerCatalog catalog = Opset > 0 ? LayerCatalog.Opset : LayerCatalog.Legacy;
        return catalog.Find(Type)!.Build(new LayerSource(new ConnectedLayer(described, []), inputs, weights) { IrVersion = Opset > 0 ? 11 : 7 }, graph);
    }

    /// <summary>What an output is as floats for a first input with this content and further ones that are constants.</summary>
    public async Task<(long[] Shape, float[] Values)> ComputeAsync(Tensor input, int output, params Constant[] others)
    {
        Tensor computed = await TestGraph.ComputeAsync(
            input,
            (graph, x) => graph.Cast(Build(graph, [x, .. others.Select(graph.Constant)])[output], TensorElementType.Float32));
        return (computed.Shape.ToArray(), computed.Elements<float>().ToArray());
    }

    /// <summary>The message that it is refused with, for a first input of this shape.</summary>
    public string Refusal(long[] shape, params Constant[] others)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, shape);
        return Assert.Throws<LayerException>(() => Build(graph, [x, .. others.Select(graph.Constant)])).Message;
    }
}
