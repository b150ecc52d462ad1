using System.Globalization;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// A session. Requests hold references on it: disposed before them, it is released with the last of them. With more
/// than one thread per request, what a request has beside its own thread is a pool that all of them share.
/// </summary>
internal sealed class OnnxRuntimeEngine(
    OrtApi api, OrtSessionHandle session, OrtGraphInfo inputs, OrtGraphInfo outputs, string modelName, EngineOptions options)
    : IInferenceEngine
{
    private int _requests;

    public string Description { get; } = string.Create(
        CultureInfo.InvariantCulture, $"ONNX Runtime {api.Version}, CPU, threads per request: {OrtSessions.ThreadsOf(options)}");

    public IReadOnlyList<TensorInfo> Inputs => inputs.Tensors;

    public IReadOnlyList<TensorInfo> Outputs => outputs.Tensors;

    public int OptimalRequests => options.Performance == PerformanceHint.Latency ? 1 : Environment.ProcessorCount;

    public bool StartMayBlock => false;

    public IInferenceRequest CreateRequest()
    {
        // Linux shows 15 characters of a thread's name: the number comes before the model.
        string name = string.Create(CultureInfo.InvariantCulture, $"ort {Interlocked.Increment(ref _requests)} {modelName}");
        OnnxRuntimeRequest request = new(api, session, inputs, outputs, name);
        request.Start();
        return request;
    }

    public void Dispose() => session.Dispose();
}
