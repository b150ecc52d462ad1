using System.Collections.Concurrent;
using System.Threading.Channels;
using EdgeInference.Annotation;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using EdgeInference.Publishing;
using EdgeInference.Reporting;
using EdgeInference.Streams;
using EdgeInference.Tests.Inference;
using EdgeInference.Tests.Inference.Recovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Streams;

/// <summary>What a stream as a whole makes of an engine that fails.</summary>
public sealed class StreamWorkerRecoveryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task RunAsync_EngineFails_IsAnnouncedOnceEachAndCounted()
    {
        await using var stream = new TestStream("a", _time);
        await stream.InferAsync(2);
        stream.Engine.Requests[0].FailNext(new InferenceException("device lost"));
        await stream.WriteAsync(2);

        await AdvanceUntilAsync(() => stream.Worker.Statistics.Inferred == 3);
        await stream.EndAsync();

        Assert.Equal(
            [
                "OpenVINO: Initializing...",
                "Starting inference on test",
                "Inference stopped: device lost; the engine is rebuilt",
                "Inference goes on after <n> s",
                "End of the input, exiting...",
            ],
            stream.Messages);
        StreamStatistics statistics = stream.Worker.Statistics;
        Assert.Equal((4, 3, 1, 0), (statistics.Captured, statistics.Inferred, statistics.Failed, statistics.Dropped));
        Assert.Equal((1, 0), (statistics.EngineRebuilds, statistics.AbandonedCalls));
    }

    [Fact]
    public async Task RunAsync_AnotherStreamsEngineIsAway_TakesNoNotice()
    {
        await using var broken = new TestStream("a", _time);
        await using var healthy = new TestStream("b", _time);
        await broken.InferAsync(1);
        broken.Engine.Requests[0].FailNext(new InferenceException("device lost"));
        await broken.WriteAsync(1);
        await PipelineHarness.WaitUntilAsync(() => broken.Engine.IsDisposed);

        await healthy.InferAsync(50);
        await healthy.EndAsync();

        Assert.Equal(0, broken.Worker.Statistics.EngineRebuilds);
        Assert.Equal((50, 0, 0), (healthy.Worker.Statistics.Inferred, healthy.Worker.Statistics.Dropped, healthy.Worker.Statistics.Failed));
        await AdvanceUntilAsync(() => broken.Worker.Statistics.EngineRebuilds == 1);
        await broken.EndAsync();
    }

    /// <summary>Its queue is full, so results wait for it, and messages with them; not the engine.</summary>
    [Fact]
    public async Task RunAsync_PublisherStandsStill_DoesNotHoldUpTheRebuild()
    {
        await using var stream = new TestStream("a", _time) { ReportingInterval = TimeSpan.Zero };
        await stream.InferAsync(1);
        await PipelineHarness.WaitUntilAsync(() => stream.Worker.Statistics.Publishers[0].Published == 1);
        await stream.HaltPublisherAsync();

        // One is being published, 16 are queued, and one waits for room.
        await stream.InferAsync(18);
        stream.Engine.Requests[0].FailNext(new InferenceException("device lost"));
        await stream.WriteAsync(1);
        await AdvanceUntilAsync(() => stream.Worker.Statistics.EngineRebuilds == 1);
        stream.ResumePublisher();
        await stream.InferAsync(5);
        await stream.EndAsync();

        Assert.Equal((25, 24, 1), (stream.Worker.Statistics.Captured, stream.Worker.Statistics.Inferred, stream.Worker.Statistics.Failed));
        Assert.Equal(5, stream.Messages.Count());
    }

    [Fact]
    public async Task Parts_WhateverTheInferenceIsAt_SayIt()
    {
        await using var stream = new TestStream("a", _time) { ReportingInterval = TimeSpan.Zero };
        await stream.InferAsync(1);
        await PipelineHarness.WaitUntilAsync(() => stream.Worker.Statistics.Publishers[0].Published == 1);
        Assert.Equal("waiting for a frame", stream.Inference.Activity.Description);
        await stream.HaltPublisherAsync();
        await stream.InferAsync(18);
        await PipelineHarness.WaitUntilAsync(() => stream.Inference.Activity.Description == "waiting for a publisher");
        Assert.Null(stream.Inference.Activity.Limit);
        stream.ResumePublisher();
        await PipelineHarness.WaitUntilAsync(() => stream.Inference.Activity.Description == "waiting for a frame");

        using var goOn = new ManualResetEventSlim();
        stream.Engine.Requests[0].BlockNext(goOn);
        stream.Engine.Requests[0].FailNext(new InferenceException("device lost"));
        await stream.WriteAsync(1);
        await PipelineHarness.WaitUntilAsync(() => stream.Inference.Activity.Description == "inferring");
        Assert.Equal((TimeSpan.FromSeconds(30) * 2) + StreamActivity.Slack, stream.Inference.Activity.Limit);
        long signs = stream.Inference.Signs;
        goOn.Set();
        await PipelineHarness.WaitUntilAsync(() => stream.Inference.Activity.Kind == ActivityKind.Outage);
        Assert.True(stream.Inference.Signs > signs);

        await AdvanceUntilAsync(() => stream.Inference.Activity.Description == "waiting for a frame");
        await stream.EndAsync();
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => PipelineHarness.WaitUntilAsync(() =>
    {
        if (condition())
            return true;
        _time.Advance(TimeSpan.FromSeconds(0.1));
        return false;
    });

    /// <summary>A stream from a source that gives a frame when the test says so.</summary>
    private sealed class TestStream(string name, TimeProvider time) : IAsyncDisposable
    {
        private readonly Channel<int> _frames = Channel.CreateUnbounded<int>();
        private readonly MessagePublisher _publisher = new();
        private StreamWorker? _worker;
        private Task _running = Task.CompletedTask;

        public FakeEngine Engine { get; } = new() { FinishesAtOnce = true };

        public TimeSpan ReportingInterval { get; init; } = TimeSpan.FromDays(1);

        public StreamWorker Worker => _worker ??= Start();

        public StreamPart Inference => Worker.Parts.Single(static part => part.Name == "inference");

        /// <summary>Those published, with "n" for the seconds of an outage.</summary>
        public IEnumerable<string> Messages => _publisher.Messages.Select(static message =>
            message.StartsWith("Inference goes on after ", StringComparison.Ordinal) && message.EndsWith(" s", StringComparison.Ordinal) ? "Inference goes on after <n> s" : message);

        public async Task WriteAsync(int frames)
        {
            _ = Worker;
            for (int i = 0; i < frames; i++)
                await _frames.Writer.WriteAsync(i);
        }

        public async Task InferAsync(int frames)
        {
            long before = Worker.Statistics.Inferred;
            await WriteAsync(frames);
            await PipelineHarness.WaitUntilAsync(() => Worker.Statistics.Inferred == before + frames);
        }

        public async Task HaltPublisherAsync() => Assert.True(await _publisher.Gate.WaitAsync(TimeSpan.FromSeconds(30)));

        public void ResumePublisher() => _publisher.Gate.Release();

        public Task EndAsync()
        {
            _frames.Writer.Complete();
            return _running.WaitAsync(TimeSpan.FromSeconds(30));
        }

        public ValueTask DisposeAsync() => Worker.DisposeAsync();

        private StreamWorker Start()
        {
            var model = new InferenceModel { Name = "m", Path = "m.onnx", Format = "ONNX", Onnx = default, Inputs = Engine.Inputs, Outputs = Engine.Outputs };
            _worker = new StreamWorker(
                new StreamPlan
                {
                    Name = name,
                    SourceName = "test",
                    OpenSource = () => new ChannelSource(_frames.Reader),
                    IsLive = false,
                    Model = new StreamModel
                    {
                        Model = model,
                        Engine = Engine,
                        RebuildEngine = static () => new FakeEngine { FinishesAtOnce = true },
                        Requests = 1,
                        Preprocessor = new Preprocessor(new PreprocessingOptions(), FakeEngine.Input),
                        Function = new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, model.Outputs),
                    },
                    Reporting = new ReportingOptions { ReportingInterval = ReportingInterval },
                    Topic = name,
                    Publishers = [KeyValuePair.Create<string, IPublisher>("test", _publisher)],
                    Encoder = new NoEncoder(),
                },
                time,
                NullLogger<StreamWorker>.Instance);
            _running = _worker.RunAsync(CancellationToken.None);
            return _worker;
        }
    }

    private sealed class ChannelSource(ChannelReader<int> frames) : IVideoSource
    {
        private readonly FramePool _pool = new();

        public bool IsLive => false;

        public string DisplayName => "test";

        public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
        {
            if (!await frames.WaitToReadAsync(cancellationToken) || !frames.TryRead(out _))
                return null;
            Frame frame = _pool.Rent(2, 2);
            frame.CapturedAt = DateTimeOffset.UnixEpoch;
            return frame;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Publishes while its gate is open.</summary>
    private sealed class MessagePublisher : IPublisher
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public ConcurrentQueue<string> Messages { get; } = new();

        public bool WantsJpeg => false;

        public bool WantsMessages => true;

        public string Destination => "test";

        public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
        {
            await Gate.WaitAsync(cancellationToken);
            if (report.Kind == ReportKind.Lifecycle)
                Messages.Enqueue(report.Summary);
            Gate.Release();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoEncoder : IJpegEncoder
    {
        public byte[] Encode(Frame frame, int quality) => throw new NotSupportedException();
    }
}
