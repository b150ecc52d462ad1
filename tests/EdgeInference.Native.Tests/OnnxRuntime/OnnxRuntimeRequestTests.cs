using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeRequestTests
{
    private static readonly OnnxRuntimeEngineFactory s_factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    [Fact]
    public async Task InferAsync_TokenFiredBefore_DoesNotStart()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await request.InferAsync(new CancellationToken(canceled: true)));

        await request.InferAsync(CancellationToken.None);
        Assert.Equal([1], request.Outputs[0].Elements<float>().ToArray());
    }

    [Fact]
    public async Task InferAsync_TokenFiresWhileRunning_EndsAndGoesOnAfterwards()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Slow(), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();
        using CancellationTokenSource source = new();
        Task run = request.InferAsync(source.Token).AsTask();
        Assert.False(run.IsCompleted);

        await source.CancelAsync();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(source.Token, exception.CancellationToken);
        Assert.Contains("terminate", Assert.IsType<InferenceException>(exception.InnerException).Message, StringComparison.Ordinal);
        request.Outputs[0].Elements<float>().Fill(-1);
        await request.InferAsync(CancellationToken.None);
        Assert.Equal(0, request.Outputs[0].Elements<float>()[0]);
    }

    [Fact]
    public async Task Dispose_WhileRunning_EndsTheRun()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Slow(), new EngineOptions());
        IInferenceRequest request = engine.CreateRequest();
        Task run = request.InferAsync(CancellationToken.None).AsTask();
        Assert.False(run.IsCompleted);

        request.Dispose();
        request.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => run);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await request.InferAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Dispose_EngineBeforeItsRequest_LetsTheRequestGoOn()
    {
        IInferenceEngine engine = s_factory.Load(TestModels.Affine(1), new EngineOptions());
        using IInferenceRequest request = engine.CreateRequest();

        engine.Dispose();
        await request.InferAsync(CancellationToken.None);

        Assert.Equal([1], request.Outputs[0].Elements<float>().ToArray());
    }

    [Fact]
    public async Task Dispose_ManyTimesWhileOthersRun_ReleasesInAnyOrder()
    {
        for (int i = 0; i < 30; i++)
        {
            IInferenceEngine engine = s_factory.Load(TestModels.Affine(1000), new EngineOptions());
            IInferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(_ => engine.CreateRequest())];
            Task[] runs = [.. requests.Select(static request => request.InferAsync(CancellationToken.None).AsTask())];
            engine.Dispose();
            foreach (IInferenceRequest request in requests)
                request.Dispose();

            foreach (Task run in runs)
                Assert.True(await Record.ExceptionAsync(() => run) is null or ObjectDisposedException);
        }
    }
}
