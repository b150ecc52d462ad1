using EdgeInference.Inference;

namespace EdgeInference.Tests.Inference;

/// <summary>An engine whose requests copy the first byte of the input to the output when the test says so.</summary>
internal sealed class FakeEngine : IInferenceEngine
{
    public static readonly TensorInfo Input = new("image", TensorElementType.Float32, [1, 1, 1, 1]);

    private int _isDisposed;

    public List<FakeRequest> Requests { get; } = [];

    /// <summary>Whether inferences end by themselves, at once.</summary>
    public bool FinishesAtOnce { get; init; }

    /// <summary>Whether inferences take no notice of being cancelled.</summary>
    public bool IgnoresCancellation { get; init; }

    /// <summary>What the first inference of each request fails with.</summary>
    public Exception? FirstFailure { get; init; }

    /// <summary>As an engine that only ever wakes a thread of its own.</summary>
    public bool StartsAtOnce { get; init; }

    public bool StartMayBlock => !StartsAtOnce;

    /// <summary>Called when an inference is about to end, with its outputs there.</summary>
    public Action<FakeRequest> WhenInferred { get; init; } = static _ => { };

    /// <summary>Called when the engine is disposed.</summary>
    public Action WhenDisposed { get; init; } = static () => { };

    public bool IsDisposed => Volatile.Read(ref _isDisposed) == 1;

    public string Description => "fake";

    public IReadOnlyList<TensorInfo> Inputs => [Input];

    public IReadOnlyList<TensorInfo> Outputs => [new("out", TensorElementType.Float32, [1])];

    public int OptimalRequests => 1;

    public IInferenceRequest CreateRequest()
    {
        var request = new FakeRequest { FinishesAtOnce = FinishesAtOnce, IgnoresCancellation = IgnoresCancellation, WhenInferred = WhenInferred };
        if (FirstFailure is not null)
            request.FailNext(FirstFailure);
        Requests.Add(request);
        return request;
    }

    public void Dispose()
    {
        Assert.All(Requests, static request => Assert.True(request.IsDisposed, "An engine must outlive its requests."));
        WhenDisposed();
        Assert.Equal(0, Interlocked.Exchange(ref _isDisposed, 1));
    }
}

/// <summary>A request that ends when <see cref="Finish"/> or <see cref="Fail"/> is called.</summary>
internal sealed class FakeRequest : IInferenceRequest
{
    private readonly SemaphoreSlim _started = new(0);
    private TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _nextFailure;
    private ManualResetEventSlim? _nextBlock;
    private Exception? _disposeFailure;
    private int _isInferring;
    private int _isDisposed;

    public bool FinishesAtOnce { get; init; }

    public bool IgnoresCancellation { get; init; }

    public Action<FakeRequest> WhenInferred { get; init; } = static _ => { };

    public bool IsDisposed => Volatile.Read(ref _isDisposed) == 1;

    public IReadOnlyList<Tensor> Inputs { get; } = [new(TensorElementType.Float32, 1, 1, 1, 1)];

    public IReadOnlyList<Tensor> Outputs { get; } = [new(TensorElementType.Float32, 1)];

    public async ValueTask InferAsync(CancellationToken cancellationToken)
    {
        Assert.False(IsDisposed, "The request is disposed.");
        Assert.Equal(0, Interlocked.Exchange(ref _isInferring, 1));
        TaskCompletionSource running = _running;
        _started.Release();
        try
        {
            if (Interlocked.Exchange(ref _nextBlock, null) is { } block)
                Assert.True(block.Wait(TimeSpan.FromMinutes(1), CancellationToken.None), "Nobody let the engine go on.");
            if (Interlocked.Exchange(ref _nextFailure, null) is { } failure)
                throw failure;
            if (FinishesAtOnce)
                Finish();
            await running.Task.WaitAsync(IgnoresCancellation ? CancellationToken.None : cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _isInferring, 0);
        }
    }

    public Task WaitUntilStartedAsync() => _started.WaitAsync(TimeSpan.FromSeconds(30));

    public void Finish()
    {
        Inputs[0].Bytes.CopyTo(Outputs[0].Bytes);
        WhenInferred(this);
        Interlocked.Exchange(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void Fail(Exception exception) =>
        Interlocked.Exchange(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetException(exception);

    /// <summary>Lets the next inference fail when it starts.</summary>
    public void FailNext(Exception exception) => Volatile.Write(ref _nextFailure, exception);

    /// <summary>Lets the start of the next inference block its thread until the event is set.</summary>
    public void BlockNext(ManualResetEventSlim until) => Volatile.Write(ref _nextBlock, until);

    public void FailDispose(Exception exception) => _disposeFailure = exception;

    public void Dispose()
    {
        Assert.True(Volatile.Read(ref _isInferring) == 0, "An inference is still in flight.");
        Assert.Equal(0, Interlocked.Exchange(ref _isDisposed, 1));

        // Not the semaphore, which holds nothing of the system: a test may yet come to wait for a start that has been.
        if (_disposeFailure is not null)
            throw _disposeFailure;
    }
}
