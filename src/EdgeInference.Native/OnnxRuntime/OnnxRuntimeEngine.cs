using System.Globalization;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>A session. Requests hold references on it: disposed before them, it is released with the last of them.</summary>
internal sealed class OnnxRuntimeEngine(
    OrtApi api, OrtSessionHandle session, OrtGraphInfo inputs, OrtGraphInfo outputs, string modelName, EngineOptions options)
    : IInferenceEngine
{
    private int _requests;

    public string Description { get; } = string.Create(
        CultureInfo.InvariantCulture, $"ONNX Runtime {api.Version}, CPU, threads per request: {options.ThreadsPerRequest}");

    public IReadOnlyList<TensorInfo> Inputs => inputs.Tensors;

    public IReadOnlyList<TensorInfo> Outputs => outputs.Tensors;

    public IInferenceRequest CreateRequest()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"onnxruntime {modelName} {Interlocked.Increment(ref _requests)}");
        OnnxRuntimeRequest request = new(api, session, inputs, outputs, name);
        request.Start();
        return request;
    }

    public void Dispose() => session.Dispose();
}
