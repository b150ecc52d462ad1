namespace EdgeInference.Inference;

/// <summary>A model as read from its file, ready for an engine: one graph in ONNX, and what is left for us to compute.</summary>
public sealed class InferenceModel
{
    /// <summary>The network's name, for logs.</summary>
    public required string Name { get; init; }

    /// <summary>The file it was read from.</summary>
    public required string Path { get; init; }

    /// <summary>For people: "IR v11, FP16" or "ONNX, opset 13".</summary>
    public required string Format { get; init; }

    /// <summary>A serialised ONNX ModelProto; empty where the engine is to read the file at <see cref="Path"/> itself.</summary>
    public required ReadOnlyMemory<byte> Onnx { get; init; }

    /// <summary>Whether <see cref="Onnx"/> is what the engine itself once made of the model, to be taken as it is.</summary>
    public bool IsOptimized { get; init; }

    /// <summary>The model's inputs in the file's order; the ONNX graph has the same, with the same names.</summary>
    public required IReadOnlyList<TensorInfo> Inputs { get; init; }

    /// <summary>The model's outputs in the file's order: those of <see cref="OutputStage"/> where there is one.</summary>
    public required IReadOnlyList<TensorInfo> Outputs { get; init; }

    /// <summary>Computes <see cref="Outputs"/> from the graph's outputs; null when they are the same.</summary>
    public IOutputStage? OutputStage { get; init; }

    /// <summary>The indices into <see cref="Outputs"/> that hold DetectionOutput rows ([1,1,N,7]).</summary>
    public IReadOnlyList<int> DetectionOutputs { get; init; } = [];
}

/// <summary>
/// The part of a model that is run by us after the engine, such as SSD's DetectionOutput. Stateless: any number of
/// requests may call it at once with tensors of their own.
/// </summary>
public interface IOutputStage
{
    /// <summary>The outputs of the ONNX graph.</summary>
    IReadOnlyList<TensorInfo> EngineOutputs { get; }

    /// <summary>Tensors for the results, one for each of the model's outputs.</summary>
    Tensor[] CreateOutputs();

    /// <summary>Computes the model's outputs from the outputs of the ONNX graph, in its order.</summary>
    void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs);
}

/// <summary>A model file that cannot be used. The message names the file, the layer where there is one, and the reason.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message)
        : base(message)
    {
    }

    public ModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a model in use cannot be read again, because its files are those of another one by now.</summary>
    public bool AreFilesReplaced { get; init; }
}
