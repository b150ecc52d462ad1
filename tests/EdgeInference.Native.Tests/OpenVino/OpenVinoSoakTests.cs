using System.Globalization;
using EdgeInference.Inference;
using Xunit.Abstractions;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>Many requests at once, cancelled and disposed at random: EDGEINFERENCE_SOAK_REQUESTS inferences, or a short slice.</summary>
public sealed class OpenVinoSoakTests(ITestOutputHelper output)
{
    private const int Slice = 5000;
    private const int Workers = 6;

    private static readonly int s_inferences =
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int inferences)
            ? Math.Max(inferences, Slice)
            : Slice;

    private int _left = s_inferences;
    private int _verified;
    private int _cancelled;
    private int _disposed;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task InferAsync_CancelledAndDisposedAtRandom_LeavesNothingAndBreaksNoRule()
    {
        OpenVinoTestBed bed = new();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(seed => Task.Run(() => Work(bed, new Random(seed)))));

        output.WriteLine($"{bed.Fake.Inferences} inferences: {_verified} verified, {_cancelled} cancelled, {_disposed} ended by disposal;"
            + $" {bed.Fake.Calls("ov_compiled_model_create_infer_request")} requests of {bed.Fake.Calls("ov_core_compile_model_props")} models");
        Assert.True(_verified > 0 && _cancelled > 0 && _disposed > 0);
        bed.AssertClean();
    }

    private async Task Work(OpenVinoTestBed bed, Random random)
    {
        while (Volatile.Read(ref _left) > 0)
        {
            long dimension = random.Next(2) == 0 ? -1 : 50;
            InferenceModel model = OpenVinoTestModels.Onnx([OpenVinoTestModels.Image(dimension)], [OpenVinoTestModels.Scores(dimension), OpenVinoTestModels.Scores(7)]);
            using IInferenceEngine engine = bed.Load(model);
            for (int i = random.Next(1, 20); i > 0 && Volatile.Read(ref _left) > 0; i--)
                await UseRequest(engine, dimension, random);
        }
    }

    private async Task UseRequest(IInferenceEngine engine, long dimension, Random random)
    {
        using IInferenceRequest request = engine.CreateRequest();
        for (int i = random.Next(1, 60); i > 0 && Interlocked.Decrement(ref _left) >= 0; i--)
        {
            if (dimension < 0)
                request.Inputs[0].Resize(random.Next(1, 100));
            OpenVinoTestBed.Fill(request, random.Next());
            switch (random.Next(8))
            {
                case 0:
                    await Cancel(request, random);
                    break;
                case 1 when random.Next(4) == 0:
                    await Dispose(request, random);
                    return;
                default:
                    await request.InferAsync(CancellationToken.None);
                    OpenVinoTestBed.AssertOutputs(engine, request);
                    Interlocked.Increment(ref _verified);
                    break;
            }
        }
    }

    private async Task Cancel(IInferenceRequest request, Random random)
    {
        using CancellationTokenSource source = new();
        Task cancellation = Task.Run(() => Spin(random.Next(300), source.Cancel));
        try
        {
            await request.InferAsync(source.Token);
        }
        catch (OperationCanceledException exception)
        {
            Assert.Equal(source.Token, exception.CancellationToken);
            Interlocked.Increment(ref _cancelled);
        }

        await cancellation;
    }

    private async Task Dispose(IInferenceRequest request, Random random)
    {
        Task inference = request.InferAsync(CancellationToken.None).AsTask();
        Task disposal = random.Next(2) == 0 ? Task.CompletedTask : Task.Run(() => Spin(random.Next(100), request.Dispose));
        if (disposal.IsCompleted)
            Spin(random.Next(100), request.Dispose);
        if (await Record.ExceptionAsync(() => inference) is { } exception)
        {
            Assert.IsType<ObjectDisposedException>(exception);
            Interlocked.Increment(ref _disposed);
        }

        await disposal;
    }

    private static void Spin(int turns, Action action)
    {
        Thread.SpinWait(turns);
        action();
    }
}
