namespace EdgeInference.Inference;

/// <summary>An inference request of an engine together with the model's output stage: tensors of the model in and out.</summary>
public sealed class ModelRequest : IDisposable
{
    private readonly IInferenceRequest _request;
    private readonly IOutputStage? _outputStage;

    public ModelRequest(InferenceModel model, IInferenceEngine engine)
    {
        _outputStage = model.OutputStage;
        _request = engine.CreateRequest();
        Outputs = _outputStage?.CreateOutputs() ?? _request.Outputs;
    }

    public IReadOnlyList<Tensor> Inputs => _request.Inputs;

    /// <summary>The model's outputs, valid after <see cref="Complete"/> until the next inference.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>The outputs of the graph, valid until the next inference.</summary>
    public IReadOnlyList<Tensor> EngineOutputs => _request.Outputs;

    public ValueTask InferAsync(CancellationToken cancellationToken) => _request.InferAsync(cancellationToken);

    /// <summary>Fills <see cref="Outputs"/> after an inference has ended.</summary>
    public void Complete() => _outputStage?.Run(_request.Outputs, Outputs);

    public void Dispose() => _request.Dispose();
}
