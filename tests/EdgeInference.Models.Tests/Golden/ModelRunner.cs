using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Models.Tests.Golden;

/// <summary>Runs a model once with an engine, by default ONNX Runtime, and the model's own output stage.</summary>
internal static class ModelRunner
{
    private static readonly OpenVinoEngineFactory OpenVino = new(NullLogger<OpenVinoEngineFactory>.Instance);
    private static readonly OnnxRuntimeEngineFactory Factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    /// <param name="model">The model.</param>
    /// <param name="inputs">A tensor for each input, of any type: converted to the input's.</param>
    public static async Task<IReadOnlyList<Tensor>> RunAsync(InferenceModel model, IReadOnlyList<Tensor> inputs)
    {
        using IInferenceEngine engine = Load(model);
        return await RunAsync(model, engine, inputs);
    }

    /// <param name="model">The model.</param>
    /// <param name="engine">The model, compiled.</param>
    /// <param name="inputs">A tensor for each input, of any type: converted to the input's.</param>
    public static async Task<IReadOnlyList<Tensor>> RunAsync(InferenceModel model, IInferenceEngine engine, IReadOnlyList<Tensor> inputs)
    {
        using IInferenceRequest request = engine.CreateRequest();
        for (int i = 0; i < inputs.Count; i++)
        {
            request.Inputs[i].Resize(inputs[i].Shape);
            TensorValues.Copy(inputs[i], request.Inputs[i]);
        }

        await request.InferAsync(CancellationToken.None);
        IReadOnlyList<Tensor> outputs = model.OutputStage?.CreateOutputs() ?? [.. request.Outputs.Select(Clone)];
        model.OutputStage?.Run(request.Outputs, outputs);
        return outputs;
    }

    /// <summary>A graph as a model without a file. Writing it takes its nodes: it is empty afterwards.</summary>
    public static InferenceModel ToModel(Graph graph) => new()
    {
        Name = graph.Name,
        Path = "test",
        Format = "test",
        Inputs = [.. graph.Inputs.Select(static input => new TensorInfo(input.Name, input.ElementType, input.Shape))],
        Outputs = [.. graph.Outputs.Select(static output => new TensorInfo(output.Name, output.Value.ElementType, output.Value.Shape))],
        Onnx = OnnxWriter.Write(graph),
    };

    public static IInferenceEngine Load(InferenceModel model, EngineOptions? options = null) => Factory.Load(model, options ?? new EngineOptions());

    /// <summary>Compiles a model that was read for this engine, as a stream on the CPU does by default.</summary>
    public static IInferenceEngine Load(InferenceModel model, ModelEngine engine) =>
        engine == ModelEngine.OpenVino ? OpenVino.Load(model, new EngineOptions { Precision = InferencePrecision.F32 }) : Load(model);

    /// <summary>What ONNX Runtime makes of the model.</summary>
    public static KernelCensus Count(InferenceModel model)
    {
        string path = Path.GetTempFileName();
        try
        {
            Load(model, new EngineOptions { OptimizedModelPath = path }).Dispose();
            return KernelCensus.Read(File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Tensor Clone(Tensor tensor)
    {
        var clone = new Tensor(tensor.ElementType, tensor.Shape);
        tensor.Bytes.CopyTo(clone.Bytes);
        return clone;
    }
}
