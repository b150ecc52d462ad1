using System.Collections.Concurrent;
using EdgeInference.Functions;

namespace EdgeInference.Inference;

/// <summary>Reuses the results of a model, so that nothing is allocated per frame. Thread-safe.</summary>
internal sealed class ResultPool(string model, IInferenceFunction function)
{
    private readonly ConcurrentQueue<InferenceResult> _idle = new();

    /// <summary>The name of the model whose results these are.</summary>
    public string Model => model;

    /// <summary>A result whose content is that of any frame.</summary>
    public InferenceResult Rent() => _idle.TryDequeue(out InferenceResult? idle) ? idle : function.CreateResult();

    public void Return(InferenceResult result) => _idle.Enqueue(result);
}
