using EdgeInference.Inference;

namespace EdgeInference.Tests.Inference;

/// <summary>An engine whose requests copy the first byte of the input to the output when the test says so.</summary>
internal sealed class FakeEngine : IInferenceEngine
{
    public static readonly TensorInfo Input = new("image", TensorElementType.Float32, [1, 1, 1, 1]);

    public List<FakeRequest> Requests { get; } = [];

    public string Description => "fake";

    public IReadOnlyList<TensorInfo> Inputs => [Input];

    public IReadOnlyList<TensorInfo> Outputs => [new("out", TensorElementType.Float32, [1])];

    public int OptimalRequests => 1;

    public IInferenceRequest CreateRequest()
    {
        var request = new FakeRequest();
        Requests.Add(request);
        return request;
    }

    public void Dispose()
    {
    }
}

/// <summary>A request that ends when <see cref="Finish"/> or <see cref="Fail"/> is called.</summary>
internal sealed class FakeRequest : IInferenceRequest
{
    private readonly SemaphoreSlim _started = new(0);
    private TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Tensor> Inputs { get; } = [new(TensorElementType.Float32, 1, 1, 1, 1)];

    public IReadOnlyList<Tensor> Outputs { get; } = [new(TensorElementType.Float32, 1)];

    public async ValueTask InferAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource running = _running;
        _started.Release();
        await running.Task.WaitAsync(cancellationToken);
    }

    public Task WaitUntilStartedAsync() => _started.WaitAsync(TimeSpan.FromSeconds(30));

    public void Finish()
    {
        Inputs[0].Bytes.CopyTo(Outputs[0].Bytes);
        Interlocked.Exchange(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void Fail(Exception exception) =>
        Interlocked.Exchange(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetException(exception);

    public void Dispose() => _started.Dispose();
}
