namespace EdgeInference.Inference;

/// <summary>Makes engines of one kind, such as ONNX Runtime.</summary>
public interface IInferenceEngineFactory
{
    /// <summary>The name in the configuration: <c>onnxruntime</c> or <c>openvino</c>.</summary>
    string Name { get; }

    /// <summary>
    /// What an optimised model depends on beside the model: the engine's version, its settings, the processor. One that was
    /// written under another fingerprint must not be loaded.
    /// </summary>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    string Fingerprint { get; }

    /// <summary>Compiles a model.</summary>
    /// <exception cref="ModelException">The engine refuses the model.</exception>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    IInferenceEngine Load(InferenceModel model, EngineOptions options);
}

/// <summary>A model compiled for a device. Thread-safe; must outlive its requests.</summary>
public interface IInferenceEngine : IDisposable
{
    /// <summary>For the log: name, version, device, threads.</summary>
    string Description { get; }

    /// <summary>The inputs of the compiled graph.</summary>
    IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The outputs of the compiled graph.</summary>
    IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>How many requests in flight suit the device and <see cref="EngineOptions.Performance"/>; at least 1.</summary>
    int OptimalRequests { get; }

    /// <summary>
    /// Whether the start of an inference may have to wait for the device, for ever where that hangs: then it is made on a
    /// thread that can be left behind. False where it only wakes a thread of the engine.
    /// </summary>
    bool StartMayBlock => true;

    IInferenceRequest CreateRequest();
}

/// <summary>
/// One inference in flight, with tensors of its own. Used by one caller at a time: write <see cref="Inputs"/>, await
/// <see cref="InferAsync"/>, read <see cref="Outputs"/>.
/// </summary>
public interface IInferenceRequest : IDisposable
{
    /// <summary>Input tensors in the graph's order; those with dynamic shapes are to be resized first.</summary>
    IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>Output tensors in the graph's order, valid until the next inference.</summary>
    IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>
    /// Runs the graph once. Does not run on the caller's thread, which <see cref="IInferenceEngine.StartMayBlock"/> is about,
    /// but what the caller does after its await may run on the engine's. Allocates nothing in steady state.
    /// </summary>
    /// <exception cref="InferenceException">The engine failed.</exception>
    ValueTask InferAsync(CancellationToken cancellationToken);
}

/// <summary>An engine could not be loaded or failed while running. The message names the engine, the call and its reason.</summary>
public sealed class InferenceException : Exception
{
    public InferenceException(string message)
        : base(message)
    {
    }

    public InferenceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
