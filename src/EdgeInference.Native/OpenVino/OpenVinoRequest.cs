using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OpenVino;

/// <summary>
/// An asynchronous request of OpenVINO. Its end is told on a thread of OpenVINO and dealt with on one of the thread pool,
/// where the caller also continues. An inference that never returns would keep <see cref="Dispose"/> waiting: abandon such a
/// request instead; its callback keeps it and all that it needs alive.
/// </summary>
internal sealed unsafe class OpenVinoRequest : IInferenceRequest, IValueTaskSource, IThreadPoolWorkItem
{
    private readonly object _gate = new();
    private readonly OvApi _api;
    private readonly OvCompiledModelHandle _compiled;
    private readonly ILogger _logger;
    private readonly OvTensor[] _inputs;
    private readonly OvTensor[] _outputs;
    private OvInferRequestHandle? _request;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    /// <summary>1 from the moment an inference is asked for until its result was taken.</summary>
    private int _busy;

    /// <summary>1 from a start until its callback.</summary>
    private int _expectsCallback;

    /// <summary>From before a start until its end was dealt with, so that native objects can be freed. Guarded by the gate.</summary>
    private bool _isInFlight;

    private volatile bool _isDisposed;

    public OpenVinoRequest(OvApi api, OvCompiledModelHandle compiled, OvPort[] inputs, OvPort[] outputs, ILogger logger)
    {
        _api = api;
        _compiled = compiled;
        _logger = logger;
        _inputs = [.. inputs.Select((port, index) => new OvTensor(api, port, index, isInput: true))];
        _outputs = [.. outputs.Select((port, index) => new OvTensor(api, port, index, isInput: false))];
        Inputs = [.. _inputs.Select(static input => input.Tensor)];
        Outputs = [.. _outputs.Select(static output => output.Tensor)];
    }

    public IReadOnlyList<Tensor> Inputs { get; }

    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>Makes the native objects.</summary>
    /// <exception cref="InferenceException">A call failed; the request is to be disposed.</exception>
    public void Open()
    {
        nint native;
        using (NativeLease compiled = _compiled.Lease())
        {
            _api.Check(
                _api.Table.CompiledModelCreateInferRequest(compiled.Native, &native), "ov_compiled_model_create_infer_request");
            _request = new OvInferRequestHandle(_api, native, _compiled);
        }

        // The callback is set once: OpenVINO moves it away while it runs.
        _api.Check(
            _api.Table.InferRequestSetCallback(native, _request.CreateCallback(&OnInferred, this)), "ov_infer_request_set_callback");
        foreach (OvTensor input in _inputs)
            input.Open(_request);
        foreach (OvTensor output in _outputs)
            output.Open(_request);
    }

    /// <exception cref="OperationCanceledException">The token fired before the end: the outputs are undefined.</exception>
    /// <exception cref="ObjectDisposedException">The request was disposed before the end.</exception>
    public ValueTask InferAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (Interlocked.Exchange(ref _busy, 1) == 1)
            throw new InvalidOperationException("The request is still at work.");
        short version;
        lock (_gate)
        {
            if (_isDisposed)
            {
                Volatile.Write(ref _busy, 0);
                return ValueTask.FromException(new ObjectDisposedException(nameof(OpenVinoRequest)));
            }

            _isInFlight = true;
            _completion.Reset();
            version = _completion.Version;
        }

        // Before the start, after which the end can come at any moment, and must find it.
        _cancellation = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static request => ((OpenVinoRequest)request!).Cancel(), this);
        if (Start() is not { } failure)
            return new ValueTask(this, version);
        _registration.Dispose();
        EndFlight();
        Volatile.Write(ref _busy, 0);
        return ValueTask.FromException(new InferenceException(failure));
    }

    /// <summary>Ends an inference in flight and waits for it. Where it has ended, also from the code that continues after it.</summary>
    public void Dispose()
    {
        bool isInFlight;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            isInFlight = _isInFlight;
        }

        if (isInFlight)
            Cancel();
        lock (_gate)
        {
            while (_isInFlight)
                Monitor.Wait(_gate);
        }

        foreach (OvTensor tensor in _inputs.Concat(_outputs))
            tensor.Dispose();
        _request?.Dispose();
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _completion.GetResult(token);
        }
        finally
        {
            if (token == _completion.Version)
                Volatile.Write(ref _busy, 0);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Deals with the end of an inference, on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Exception? failure = null;
        try
        {
            Finish();
        }
        catch (Exception exception)
        {
            // Rethrown to whoever awaits the inference.
            failure = exception;
        }

        // Waits for a cancellation that is under way: a late one would hit the next inference.
        _registration.Dispose();
        bool wasDisposed = EndFlight();

        // Nothing native from here on: a Dispose may free it at once, on its own thread or below SetResult.
        if (wasDisposed)
            _completion.SetException(new ObjectDisposedException("The request was disposed before its inference ended.", failure));
        else if (failure is not null)
            _completion.SetException(failure);
        else
            _completion.SetResult(true);
    }

    /// <summary>
    /// A callback of OpenVINO's C API, which tells neither how the inference ended nor why. It only hands over: to wait here
    /// would wait for itself, and a start from another thread before it has returned would find no callback, because
    /// OpenVINO puts it back after that. That is why the pool's thread waits first.
    /// </summary>
    [UnmanagedCallersOnly]
    private static void OnInferred(nint request)
    {
        try
        {
            OpenVinoRequest target = GCHandle<OpenVinoRequest>.FromIntPtr(request).Target;
            if (Interlocked.Exchange(ref target._expectsCallback, 0) == 1)
                ThreadPool.UnsafeQueueUserWorkItem(target, preferLocal: false);
        }
        catch
        {
            // An exception must not reach native code. Nothing above throws but for want of memory.
        }
    }

    /// <summary>Starts the inference, or says why it cannot.</summary>
    private string? Start()
    {
        CancellationToken cancellation = _cancellation;
        using NativeLease request = _request!.Lease();
        Volatile.Write(ref _expectsCallback, 1);
        OvStatus status = _api.Table.InferRequestStartAsync(request.Native);
        if (status != OvStatus.Ok)
        {
            // Unless the callback ran all the same: then it ends the inference, and the wait there has the reason.
            string failure = _api.Describe(status, "ov_infer_request_start_async");
            return Interlocked.Exchange(ref _expectsCallback, 0) == 1 ? failure : null;
        }

        // A token that fired, or a Dispose that came, before the start found nothing to cancel. Where the inference has ended
        // meanwhile, neither does this.
        if (cancellation.IsCancellationRequested || _isDisposed)
            Cancel(request.Native);
        return null;
    }

    private void Finish()
    {
        OvStatus status;
        using (NativeLease request = _request!.Lease())
        {
            status = _api.Table.InferRequestWait(request.Native);
            if (status != OvStatus.Ok)
            {
                InferenceException failure = new(_api.Describe(status, "ov_infer_request_wait"));
                throw status == OvStatus.InferCancelled && _cancellation.IsCancellationRequested
                    ? new OperationCanceledException("The inference was cancelled.", failure, _cancellation)
                    : failure;
            }
        }

        foreach (OvTensor output in _outputs)
            output.Update(_request);
    }

    /// <returns>Whether the request has been disposed.</returns>
    private bool EndFlight()
    {
        lock (_gate)
        {
            _isInFlight = false;
            Monitor.PulseAll(_gate);
            return _isDisposed;
        }
    }

    /// <summary>Called on any thread, while an inference is in flight.</summary>
    private void Cancel()
    {
        using NativeLease request = _request!.Lease();
        Cancel(request.Native);
    }

    private void Cancel(nint request)
    {
        OvStatus status = _api.Table.InferRequestCancel(request);

        // Not thrown, since it would reach whoever fired the token. The inference then runs to its end.
        if (status != OvStatus.Ok)
            OpenVinoLog.CancellationFailed(_logger, _api.Describe(status, "ov_infer_request_cancel"));
    }
}
