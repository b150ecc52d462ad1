using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Golden;

namespace EdgeInference.Models.Tests.Quantization;

/// <summary>A graph of one float input that a test builds, quantises, runs, or looks into after ONNX Runtime's optimisation.</summary>
internal sealed class QuantizedGraph
{
    private InferenceModel? _model;

    public QuantizedGraph(params long[] inputShape)
    {
        Builder = new GraphBuilder(Graph, 1 << 20) { LayerName = "x" };
        Input = Builder.Input(TensorElementType.Float32, inputShape);
        Builder.LayerName = "layer";
    }

    public Graph Graph { get; } = new() { Name = "test" };

    public GraphBuilder Builder { get; }

    public Value Input { get; }

    public Value Floats(float[] values, params long[] shape) => Builder.Constant(Constant.Floats(values, shape));

    /// <summary>Runs the graph, whose passes must have been run, with its only output being float.</summary>
    public async Task<float[]> RunAsync(float[] input)
    {
        var tensor = new Tensor(TensorElementType.Float32, [.. Input.Shape]);
        input.CopyTo(tensor.Elements<float>());
        return (await ModelRunner.RunAsync(ToModel(), [tensor]))[0].Elements<float>().ToArray();
    }

    public KernelCensus Count() => ModelRunner.Count(ToModel());

    /// <summary>Written once: the graph has no nodes afterwards.</summary>
    private InferenceModel ToModel() => _model ??= ModelRunner.ToModel(Graph);
}
