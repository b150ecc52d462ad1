using EdgeInference.Inference;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Requests that run again as soon as they are done, on the same input.</summary>
internal sealed class RequestLoop : IDisposable
{
    private readonly ModelRequest[] _requests;

    public RequestLoop(InferenceModel model, IInferenceEngine engine, int requests, Tensor input)
    {
        _requests = [.. Enumerable.Range(0, requests).Select(_ => new ModelRequest(model, engine))];
        foreach (ModelRequest request in _requests)
        {
            request.Inputs[0].Resize(input.Shape);
            input.Bytes.CopyTo(request.Inputs[0].Bytes);
        }
    }

    /// <returns>The number of inferences.</returns>
    public async Task<int> RunAsync(TimeSpan duration)
    {
        using var deadline = new CancellationTokenSource(duration);
        int[] frames = await Task.WhenAll(_requests.Select(request => RepeatAsync(request, deadline)));
        return frames.Sum();
    }

    public void Dispose()
    {
        foreach (ModelRequest request in _requests)
            request.Dispose();
    }

    private static async Task<int> RepeatAsync(ModelRequest request, CancellationTokenSource deadline)
    {
        int frames = 0;
        for (; !deadline.IsCancellationRequested; frames++)
        {
            await request.InferAsync(CancellationToken.None);
            request.Complete();
        }

        return frames;
    }
}
