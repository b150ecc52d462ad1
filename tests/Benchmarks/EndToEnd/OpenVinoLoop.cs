using System.Diagnostics;
using System.Globalization;
using EdgeInference.Inference;
using EdgeInference.Native;
using EdgeInference.Native.OpenVino;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>
/// OpenVINO's own asynchronous loop, with nothing of the service: requests are started one after another, and each again as
/// soon as it has been waited for.
/// </summary>
internal sealed unsafe class OpenVinoLoop : IDisposable
{
    private readonly OvApi _api;
    private readonly OvCompiledModelHandle _compiled;
    private readonly OvInferRequestHandle[] _requests;

    public OpenVinoLoop(OpenVinoRuntime runtime, InferenceModel model, EngineLoad load, Tensor input)
    {
        _api = runtime.Api;
        using (OvModelHandle read = OvCompiler.Read(_api, runtime.Core, model))
        {
            _compiled = OvCompiler.Compile(
                _api, runtime.Core, read, load.Options.Device, OvCompiler.PropertiesOf(load.Options, NullLogger.Instance));
        }

        int requests = load.Requests > 0
            ? load.Requests
            : int.Parse(OvProperties.Find(_api, _compiled, "OPTIMAL_NUMBER_OF_INFER_REQUESTS")!, CultureInfo.InvariantCulture);
        _requests = new OvInferRequestHandle[requests];
        for (int i = 0; i < requests; i++)
            _requests[i] = Open(input);
    }

    /// <returns>The number of inferences.</returns>
    public int Run(TimeSpan duration)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (OvInferRequestHandle request in _requests)
            Start(request);
        int frames = 0;
        for (; Stopwatch.GetElapsedTime(started) < duration; frames++)
        {
            OvInferRequestHandle request = _requests[frames % _requests.Length];
            Wait(request);
            Start(request);
        }

        foreach (OvInferRequestHandle request in _requests)
            Wait(request);
        return frames + _requests.Length;
    }

    public void Dispose()
    {
        foreach (OvInferRequestHandle request in _requests)
            request.Dispose();
        _compiled.Dispose();
    }

    private OvInferRequestHandle Open(Tensor input)
    {
        nint native;
        nint tensor;
        byte* address;
        using NativeLease compiled = _compiled.Lease();
        _api.Check(_api.Table.CompiledModelCreateInferRequest(compiled.Native, &native), "ov_compiled_model_create_infer_request");
        var request = new OvInferRequestHandle(_api, native, _compiled);
        _api.Check(_api.Table.InferRequestGetInputTensorByIndex(native, 0, &tensor), "ov_infer_request_get_input_tensor_by_index");
        using var handle = new OvTensorHandle(_api, tensor, request);
        fixed (long* dimensions = input.Shape)
            _api.Check(_api.Table.TensorSetShape(tensor, new OvShape { Rank = input.Shape.Length, Dimensions = dimensions }), "ov_tensor_set_shape");
        _api.Check(_api.Table.TensorData(tensor, &address), "ov_tensor_data");
        input.Bytes.CopyTo(new Span<byte>(address, input.Bytes.Length));
        return request;
    }

    private void Start(OvInferRequestHandle request)
    {
        using NativeLease lease = request.Lease();
        _api.Check(_api.Table.InferRequestStartAsync(lease.Native), "ov_infer_request_start_async");
    }

    private void Wait(OvInferRequestHandle request)
    {
        using NativeLease lease = request.Lease();
        _api.Check(_api.Table.InferRequestWait(lease.Native), "ov_infer_request_wait");
    }
}
