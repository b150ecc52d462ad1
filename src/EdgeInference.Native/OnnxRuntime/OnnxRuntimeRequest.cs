using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>
/// An inference on a thread of its own, because OrtRun returns only when it is done. An inference that never returns
/// would also keep <see cref="Dispose"/> waiting: abandon such a request instead.
/// </summary>
internal sealed unsafe class OnnxRuntimeRequest : IInferenceRequest
{
    private readonly OrtApi _api;
    private readonly OrtSessionHandle _session;
    private readonly OrtGraphInfo _inputInfo;
    private readonly OrtGraphInfo _outputInfo;
    private readonly OrtTensor[] _inputs;
    private readonly OrtTensor[] _outputs;
    private readonly nint[] _inputValues;
    private readonly nint[] _outputValues;
    private readonly WorkThread _thread;
    private OrtRunOptionsHandle? _runOptions;
    private OrtMemoryInfoHandle? _memory;
    private CancellationToken _cancellation;
    private bool _terminated;
    private int _disposed;

    public OnnxRuntimeRequest(OrtApi api, OrtSessionHandle session, OrtGraphInfo inputs, OrtGraphInfo outputs, string name)
    {
        _api = api;
        _session = session;
        _inputInfo = inputs;
        _outputInfo = outputs;
        _inputs = [.. inputs.Tensors.Select(info => new OrtTensor(api, session, info))];
        _outputs = [.. outputs.Tensors.Select(info => new OrtTensor(api, session, info))];
        _inputValues = new nint[_inputs.Length];
        _outputValues = new nint[_outputs.Length];
        Inputs = [.. _inputs.Select(static input => input.Tensor)];
        Outputs = [.. _outputs.Select(static output => output.Tensor)];
        _thread = new WorkThread(name, Denormals.FlushOnThisThread, Infer);
    }

    public IReadOnlyList<Tensor> Inputs { get; }

    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>Makes the native objects and starts the thread.</summary>
    public void Start()
    {
        nint native;
        _api.Check(_api.Table->CreateRunOptions(&native), nameof(OrtApiTable.CreateRunOptions));
        _runOptions = new OrtRunOptionsHandle(_api, native, _session);

        // What goes wrong in a run is thrown; logged as well it would be said twice, and once for each cancellation.
        _api.Check(
            _api.Table->RunOptionsSetRunLogSeverityLevel(native, OrtLoggingLevel.Fatal),
            nameof(OrtApiTable.RunOptionsSetRunLogSeverityLevel));

        _api.Check(
            _api.Table->CreateCpuMemoryInfo(OrtAllocatorType.Device, OrtMemoryType.Default, &native),
            nameof(OrtApiTable.CreateCpuMemoryInfo));
        _memory = new OrtMemoryInfoHandle(_api, native, _session);
        _thread.Start();
    }

    /// <exception cref="OperationCanceledException">The token fired before the end: the outputs are undefined.</exception>
    /// <exception cref="ObjectDisposedException">The request was disposed before the end.</exception>
    public ValueTask InferAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        _cancellation = cancellationToken;
        return _thread.RunAsync();
    }

    /// <summary>Ends an inference in flight and waits for it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        Terminate();
        _thread.Stop();
        foreach (OrtTensor tensor in _inputs.Concat(_outputs))
            tensor.Dispose();
        _memory?.Dispose();
        _runOptions?.Dispose();
    }

    /// <summary>Runs on the request's thread.</summary>
    private void Infer()
    {
        CancellationToken cancellation = _cancellation;
        try
        {
            // Disposing the registration waits for its callback: no late one can reach the next run.
            using (cancellation.UnsafeRegister(static request => ((OnnxRuntimeRequest)request!).Terminate(), this))
                Run();
        }
        catch (InferenceException exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The inference was cancelled.", exception, cancellation);
        }
        catch (InferenceException exception) when (Volatile.Read(ref _disposed) == 1)
        {
            throw new ObjectDisposedException("The request was disposed before its inference ended.", exception);
        }
        finally
        {
            if (_terminated)
                AllowRuns();
        }
    }

    private void Run()
    {
        for (int i = 0; i < _inputs.Length; i++)
            _inputValues[i] = _inputs[i].Wrap(_memory!);
        for (int i = 0; i < _outputs.Length; i++)
            _outputValues[i] = _outputs[i].HasFixedShape ? _outputs[i].Wrap(_memory!) : 0;

        try
        {
            using NativeLease session = _session.Lease();
            using NativeLease runOptions = _runOptions!.Lease();
            fixed (nint* inputNames = _inputInfo.NativeNames, outputNames = _outputInfo.NativeNames)
            fixed (nint* inputs = _inputValues, outputs = _outputValues)
            {
                _api.Check(
                    _api.Table->Run(
                        session.Native,
                        runOptions.Native,
                        (byte**)inputNames,
                        inputs,
                        (nuint)_inputs.Length,
                        (byte**)outputNames,
                        (nuint)_outputs.Length,
                        outputs),
                    nameof(OrtApiTable.Run));
            }

            for (int i = 0; i < _outputs.Length; i++)
            {
                if (!_outputs[i].HasFixedShape)
                    _outputs[i].CopyFrom(_outputValues[i]);
            }
        }
        finally
        {
            ReleaseAllocatedOutputs();
        }
    }

    private void ReleaseAllocatedOutputs()
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            if (!_outputs[i].HasFixedShape && _outputValues[i] != 0)
                _api.Table->ReleaseValue(_outputValues[i]);
        }
    }

    /// <summary>Makes a run in flight, and any later one, fail at its next operator. Called on any thread.</summary>
    private void Terminate()
    {
        _terminated = true;
        using NativeLease runOptions = _runOptions!.Lease();
        _api.Check(_api.Table->RunOptionsSetTerminate(runOptions.Native), nameof(OrtApiTable.RunOptionsSetTerminate));
    }

    private void AllowRuns()
    {
        _terminated = false;
        using NativeLease runOptions = _runOptions!.Lease();
        _api.Check(_api.Table->RunOptionsUnsetTerminate(runOptions.Native), nameof(OrtApiTable.RunOptionsUnsetTerminate));
    }
}
