using EdgeInference.Inference;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>How an engine is used.</summary>
/// <param name="Options">How the model is compiled.</param>
/// <param name="Requests">Requests in flight; 0: as many as the engine says.</param>
internal sealed record EngineLoad(EngineOptions Options, int Requests)
{
    /// <summary>ONNX Runtime: threads of one request x requests in flight.</summary>
    public EngineLoad(int threads, int requests)
        : this(new EngineOptions { ThreadsPerRequest = threads }, requests)
    {
    }

    public override string ToString() => Options.ThreadsPerRequest > 0
        ? $"{Options.ThreadsPerRequest} x {Requests}"
        : $"{Options.Performance}{(Options.Threads > 0 ? $", {Options.Threads} threads" : "")} x {(Requests == 0 ? "optimal" : Requests)}";
}
