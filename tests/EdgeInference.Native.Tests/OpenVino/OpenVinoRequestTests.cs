using EdgeInference.Inference;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.Tests.OpenVino;

public sealed class OpenVinoRequestTests
{
    /// <summary>Each release with a model as a file and as bytes.</summary>
    public static TheoryData<FakeRelease, bool> ReleasesAndFormats
    {
        get
        {
            TheoryData<FakeRelease, bool> data = [];
            foreach (FakeRelease release in (FakeRelease[])[FakeRelease.V2023, FakeRelease.V2024, FakeRelease.V2025, FakeRelease.V2026])
            {
                data.Add(release, false);
                data.Add(release, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ReleasesAndFormats))]
    public async Task InferAsync_StaticShapes_GivesWhatTheModelComputes(FakeRelease release, bool isOnnx)
    {
        TensorInfo[] inputs = [OpenVinoTestModels.Image(1, 3, 5, 7), new("bytes", TensorElementType.UInt8, [11])];
        TensorInfo[] outputs =
        [
            OpenVinoTestModels.Scores(1, 10),
            new("detection_out", TensorElementType.Float32, [1, 1, 20, 7]),
            .. Enum.GetValues<TensorElementType>().Select(static type => new TensorInfo($"as_{type}", type, [3, 5])),
            new("scalar", TensorElementType.Int64, []),
        ];
        OpenVinoTestBed bed = new(release);

        using (IInferenceEngine engine = bed.Load(isOnnx ? OpenVinoTestModels.Onnx(inputs, outputs) : OpenVinoTestModels.Ir(inputs, outputs)))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            Assert.Equal(inputs.Select(static info => info.ToString()), engine.Inputs.Select(static info => info.ToString()));
            Assert.Equal(outputs.Select(static info => info.ToString()), engine.Outputs.Select(static info => info.ToString()));
            Assert.Equal([1, 10], request.Outputs[0].Shape.ToArray());
            for (int seed = 0; seed < 5; seed++)
            {
                OpenVinoTestBed.Fill(request, seed);
                await request.InferAsync(CancellationToken.None);
                OpenVinoTestBed.AssertOutputs(engine, request);
            }
        }

        bed.AssertClean();
    }

    [Theory]
    [MemberData(nameof(ReleasesAndFormats))]
    public async Task InferAsync_DynamicShapes_FollowsTheInput(FakeRelease release, bool isOnnx)
    {
        TensorInfo[] inputs = [OpenVinoTestModels.Image(-1, 3, -1, -1)];
        TensorInfo[] outputs =
        [
            OpenVinoTestModels.Scores(-1, 10),
            new("detection_out", TensorElementType.Float32, [1, 1, -1, 7]),
            new("same", TensorElementType.Float16, [-1, 3, -1, -1]),
            new("fixed", TensorElementType.Float32, [2]),
        ];
        OpenVinoTestBed bed = new(release);

        using (IInferenceEngine engine = bed.Load(isOnnx ? OpenVinoTestModels.Onnx(inputs, outputs) : OpenVinoTestModels.Ir(inputs, outputs)))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            Assert.Equal([-1, 3, -1, -1], engine.Inputs[0].Shape);
            Assert.Equal([-1, 10], engine.Outputs[0].Shape);
            Assert.True(request.Inputs[0].Bytes.IsEmpty);
            Assert.True(request.Outputs[0].Bytes.IsEmpty);
            foreach ((long batch, long size) in ((long, long)[])[(1, 4), (2, 9), (2, 9), (1, 2), (3, 30)])
            {
                request.Inputs[0].Resize(batch, 3, size, size);
                OpenVinoTestBed.Fill(request, (int)size);
                await request.InferAsync(CancellationToken.None);
                Assert.Equal([batch, 10], request.Outputs[0].Shape.ToArray());
                OpenVinoTestBed.AssertOutputs(engine, request);
            }
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_DetectionOutput_HasValidRows()
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Onnx(
            [OpenVinoTestModels.Image(1, 3, 4, 4)], [new("detection_out", TensorElementType.Float32, [1, 1, 10, 7])]);
        using (IInferenceEngine engine = bed.Load(model))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            HashSet<int> counts = [];
            for (int seed = 0; seed < 30; seed++)
            {
                OpenVinoTestBed.Fill(request, seed);
                await request.InferAsync(CancellationToken.None);
                float[][] rows = [.. request.Outputs[0].Elements<float>().ToArray().Chunk(7)];
                float[][] valid = [.. rows.TakeWhile(static row => row[0] >= 0)];
                counts.Add(valid.Length);
                Assert.All(valid, static row =>
                {
                    Assert.InRange(row[1], 1, 20);
                    Assert.All(row[2..], static number => Assert.InRange(number, 0, 1));
                    Assert.True(row[3] < row[5] && row[4] < row[6]);
                });
                Assert.Equal(-1, rows[valid.Length][0]);
            }

            Assert.Equal([1, 2, 3], counts.Order());
        }

        bed.AssertClean();
    }

    [Fact]
    public void Resize_InputWithFixedShape_Refuses()
    {
        OpenVinoTestBed bed = new();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            request.Inputs[0].Resize(4);
            Assert.Equal(
                "OpenVINO: input x Float32[4] cannot be given the shape [1,5].",
                Assert.Throws<InferenceException>(() => request.Inputs[0].Resize(1, 5)).Message);
            Assert.Throws<InvalidOperationException>(() => request.Outputs[0].Resize(5));
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_ManyInFlight_EachEndsWithItsOwnResult()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Hold();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            IInferenceRequest[] requests = [.. Enumerable.Range(0, 32).Select(_ => engine.CreateRequest())];
            Task[] inferences =
            [
                .. requests.Select((request, seed) =>
                {
                    OpenVinoTestBed.Fill(request, seed);
                    return request.InferAsync(CancellationToken.None).AsTask();
                }),
            ];
            Assert.All(inferences, static inference => Assert.False(inference.IsCompleted));
            Assert.Equal(32, bed.Fake.Inferences);

            bed.Fake.LetGo();
            await Task.WhenAll(inferences);

            foreach (IInferenceRequest request in requests)
            {
                OpenVinoTestBed.AssertOutputs(engine, request);
                request.Dispose();
            }

            Assert.Equal(requests.Length, requests.Select(static request => request.Outputs[0]).Distinct().Count());
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_StillAtWork_Throws()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Hold();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            Task inference = request.InferAsync(CancellationToken.None).AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await request.InferAsync(CancellationToken.None));
            bed.Fake.LetGo();
            await inference;
            await request.InferAsync(CancellationToken.None);
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_TokenFiredBefore_DoesNotStart()
    {
        OpenVinoTestBed bed = new();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await request.InferAsync(new CancellationToken(canceled: true)));
            Assert.Equal(0, bed.Fake.Inferences);
            await request.InferAsync(CancellationToken.None);
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_TokenFiresInFlight_EndsAndGoesOnAfterwards()
    {
        OpenVinoTestBed bed = new();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            for (int i = 0; i < 20; i++)
            {
                using CancellationTokenSource source = new();
                bed.Fake.Hold();
                Task inference = request.InferAsync(source.Token).AsTask();
                Assert.False(inference.IsCompleted);

                await source.CancelAsync();

                OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inference);
                Assert.Equal(source.Token, exception.CancellationToken);
                Assert.Equal(
                    "OpenVINO: ov_infer_request_wait failed (InferCancelled): Infer Request was canceled",
                    Assert.IsType<InferenceException>(exception.InnerException).Message);
                bed.Fake.LetGo();
                await request.InferAsync(CancellationToken.None);
                OpenVinoTestBed.AssertOutputs(engine, request);
            }
        }

        bed.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InferAsync_TokenFiresOrDisposedAtAnyMoment_IsNeverLost(bool byDisposal)
    {
        OpenVinoTestBed bed = new();
        Random random = new(1);
        bed.Fake.Hold();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            IInferenceRequest request = engine.CreateRequest();
            for (int i = 0; i < 1000; i++)
            {
                using CancellationTokenSource source = new();
                int turns = random.Next(60);
                Task end = Task.Run(() =>
                {
                    Thread.SpinWait(turns);
                    (byDisposal ? request.Dispose : (Action)source.Cancel)();
                });

                // It is held: it ends only because it is told to.
                Exception? exception = await Record.ExceptionAsync(async () => await request.InferAsync(source.Token));

                await end;
                Assert.IsAssignableFrom(byDisposal ? typeof(ObjectDisposedException) : typeof(OperationCanceledException), exception);
                if (byDisposal)
                    request = engine.CreateRequest();
            }

            request.Dispose();
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task InferAsync_CancelFails_RunsToItsEnd()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Fail("ov_infer_request_cancel");
        bed.Fake.Hold();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            using CancellationTokenSource source = new();
            Task inference = request.InferAsync(source.Token).AsTask();
            await source.CancelAsync();
            Assert.False(inference.IsCompleted);
            bed.Fake.LetGo();
            await inference;
            OpenVinoTestBed.AssertOutputs(engine, request);
        }

        Assert.Contains(bed.Log.Lines, static line => line is { Level: LogLevel.Warning, Id: 5103 } && line.Text.Contains("told to fail", StringComparison.Ordinal));
        bed.AssertClean();
    }

    [Theory]
    [InlineData("ov_infer_request_start_async", -8, "OpenVINO: ov_infer_request_start_async failed (RequestBusy): busy just now")]
    [InlineData("ov_infer_request_wait", -1, "OpenVINO: ov_infer_request_wait failed (GeneralError): busy just now")]
    [InlineData("ov_infer_request_wait", -99, "OpenVINO: ov_infer_request_wait failed (-99): busy just now")]
    [InlineData("ov_infer_request_wait", -14, "OpenVINO: ov_infer_request_wait failed (InvalidCParameter): no reason given")]
    [InlineData("ov_infer_request_wait", -13, "OpenVINO: ov_infer_request_wait failed (InferCancelled): busy just now")]
    public async Task InferAsync_Fails_SaysWhyAndGoesOnAfterwards(string call, int status, string message)
    {
        OpenVinoTestBed bed = new();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            bed.Fake.Fail(call, 2, status, "busy\n  just\tnow");
            await request.InferAsync(CancellationToken.None);

            InferenceException exception = await Assert.ThrowsAsync<InferenceException>(async () => await request.InferAsync(CancellationToken.None));

            Assert.Equal(message, exception.Message);
            await request.InferAsync(CancellationToken.None);
            OpenVinoTestBed.AssertOutputs(engine, request);
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task Dispose_InFlight_EndsTheInference()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Hold();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            IInferenceRequest request = engine.CreateRequest();
            Task inference = request.InferAsync(CancellationToken.None).AsTask();
            Assert.False(inference.IsCompleted);

            request.Dispose();
            request.Dispose();

            Assert.Equal(0, bed.Fake.LiveOf("infer_request"));
            Assert.Equal(0, bed.Fake.LiveOf("tensor"));
            Assert.True(request.Inputs[0].Bytes.IsEmpty);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => inference);
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await request.InferAsync(CancellationToken.None));
            Assert.ThrowsAny<Exception>(() => request.Inputs[0].Resize(5));
        }

        bed.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_FromTheContinuation_DoesNotWaitForItself(bool fails)
    {
        OpenVinoTestBed bed = new();
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            for (int i = 0; i < 20; i++)
            {
                if (fails)
                    bed.Fake.Fail("ov_infer_request_wait");
                bed.Fake.Hold();
                Task ended = InferAndDispose(engine.CreateRequest());
                bed.Fake.LetGo();
                await ended;
            }
        }

        bed.AssertClean();

        static async Task InferAndDispose(IInferenceRequest request)
        {
            try
            {
                await request.InferAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (InferenceException)
            {
                // As told.
            }

            request.Dispose();
        }
    }

    [Fact]
    public async Task Dispose_EngineBeforeItsRequest_LetsTheRequestGoOn()
    {
        OpenVinoTestBed bed = new();
        IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small());
        using (IInferenceRequest request = engine.CreateRequest())
        {
            engine.Dispose();
            engine.Dispose();
            bed.Factory.Open().Core.Dispose();

            await request.InferAsync(CancellationToken.None);

            OpenVinoTestBed.AssertOutputs(engine, request);
            Assert.Equal(1, bed.Fake.LiveOf("compiled_model"));
            Assert.Equal(1, bed.Fake.LiveOf("core"));
        }

        Assert.Throws<ObjectDisposedException>(engine.CreateRequest);
        bed.AssertNothingLeft();
    }

    [Fact]
    public async Task Dispose_ManyTimesWhileOthersRun_ReleasesInAnyOrder()
    {
        OpenVinoTestBed bed = new();
        for (int i = 0; i < 30; i++)
        {
            IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small());
            IInferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(_ => engine.CreateRequest())];
            Task[] inferences = [.. requests.Select(static request => request.InferAsync(CancellationToken.None).AsTask())];
            engine.Dispose();
            foreach (IInferenceRequest request in requests)
                request.Dispose();

            foreach (Task inference in inferences)
                Assert.True(await Record.ExceptionAsync(() => inference) is null or ObjectDisposedException);
        }

        bed.AssertClean();
    }

    [Fact]
    public async Task Abandoned_InferenceNeverAnswers_EndsLateWithoutHarm()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Hang();
        await AbandonOne(bed);
        bed.Factory.Open().Core.Dispose();
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // What it needs is still there.
        Assert.Equal(1, bed.Fake.LiveOf("infer_request"));
        Assert.Equal(1, bed.Fake.LiveOf("compiled_model"));
        Assert.Equal(1, bed.Fake.LiveOf("core"));

        Assert.Equal(1, bed.Fake.ReleaseHung());
        await OpenVinoTestBed.Until(() => bed.Fake.Calls("ov_infer_request_wait") == 1 && bed.Fake.Ended == 1);

        Assert.Empty(bed.Fake.Violations);
        Assert.Equal(1, bed.Fake.LiveOf("infer_request"));
    }

    [Fact]
    public async Task Abandoned_ThenDisposedOnceItAnswers_IsReleased()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Hang(2);
        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            IInferenceRequest request = engine.CreateRequest();
            await request.InferAsync(CancellationToken.None);
            using CancellationTokenSource source = new();
            Task inference = request.InferAsync(source.Token).AsTask();
            await source.CancelAsync();
            Task disposal = Task.Run(request.Dispose);
            await OpenVinoTestBed.Until(() => bed.Fake.Calls("ov_infer_request_cancel") >= 2);
            Assert.False(inference.IsCompleted);
            Assert.False(disposal.IsCompleted);

            Assert.Equal(1, bed.Fake.ReleaseHung());

            await disposal;
            await Assert.ThrowsAsync<ObjectDisposedException>(() => inference);
        }

        bed.AssertClean();
    }

    private static async Task AbandonOne(OpenVinoTestBed bed)
    {
        using IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small());
        IInferenceRequest request = engine.CreateRequest();
        using CancellationTokenSource source = new();
        ValueTask inference = request.InferAsync(source.Token);
        await source.CancelAsync();
        Assert.False(inference.IsCompleted);
    }
}
