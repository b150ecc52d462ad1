using System.Text;
using System.Text.Json;
using EdgeInference.Annotation;
using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using EdgeInference.Publishing;
using EdgeInference.Reporting;
using EdgeInference.Tests.Publishing;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Reporting;

public sealed class ReporterTests
{
    private readonly JumpingTime _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly FramePool _pool = new();
    private readonly ReportingOptions _options = new();
    private readonly CountingEncoder _encoder = new();
    private readonly BusyTime _busy;
    private readonly ResultPool _results = new("m", new EmptyFunction());
    private RecordingPublisher _publisher = new();
    private ReportingControl? _control;
    private long _frame;

    public ReporterTests() => _busy = new BusyTime(_time);

    [Fact]
    public async Task AcceptAsync_ManyFramesInAnInterval_ReportsOne()
    {
        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 25; i++)
                await AcceptAsync(reporter, seconds: 0.1);
        });

        Assert.Equal([10L, 20L], FrameIds());
    }

    [Fact]
    public async Task AcceptAsync_IntervalZero_ReportsEveryFrameOnce()
    {
        _options.ReportingInterval = TimeSpan.Zero;

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter);
            await AcceptAsync(reporter);
            await reporter.FlushAsync(CancellationToken.None);
        });

        Assert.Equal([1L, 2L], FrameIds());
    }

    [Fact]
    public async Task FlushAsync_FramesSinceTheLastReport_ReportsTheNewest()
    {
        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter, seconds: 1);
            await AcceptAsync(reporter);
            await AcceptAsync(reporter);
            await reporter.FlushAsync(CancellationToken.None);
        });

        Assert.Equal([1L, 3L], FrameIds());
    }

    [Fact]
    public async Task AcceptAsync_OnDetections_PassesOverEmptyFrames()
    {
        _options.ReportingInterval = TimeSpan.Zero;
        _options.ReportWhen = ReportWhen.Detections;

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter);
            await AcceptAsync(reporter, classes: [7]);
            await AcceptAsync(reporter);
            await reporter.FlushAsync(CancellationToken.None);
        });

        Assert.Equal([2L], FrameIds());
    }

    /// <summary>The frame that waits to be reported may be of the model before.</summary>
    [Fact]
    public async Task AcceptAsync_ModelChanges_EachReportNamesItsOwnAndResultsGoHome()
    {
        _options.ReportingInterval = TimeSpan.FromSeconds(1);
        var other = new ResultPool("m2", new EmptyFunction());
        InferenceResult result = other.Rent();
        other.Return(result);

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter, seconds: 1);
            await AcceptAsync(reporter, seconds: 1, results: other);
            await AcceptAsync(reporter);
            await reporter.FlushAsync(CancellationToken.None);
        });

        Assert.Equal(["m", "m2", "m"], _publisher.Reports.Select(static report => report.Model));
        Assert.Same(result, other.Rent());
    }

    [Fact]
    public async Task AcceptAsync_OnChange_ReportsOtherClassesAndCountsOnly()
    {
        _options.ReportingInterval = TimeSpan.Zero;
        _options.ReportWhen = ReportWhen.Change;

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter);
            await AcceptAsync(reporter);
            await AcceptAsync(reporter, classes: [1, 2]);
            await AcceptAsync(reporter, classes: [2, 1]);
            await AcceptAsync(reporter, classes: [2, 2]);
            await AcceptAsync(reporter, classes: [2]);
            await reporter.FlushAsync(CancellationToken.None);
        });

        Assert.Equal([1L, 3L, 5L, 6L], FrameIds());
    }

    [Fact]
    public async Task AcceptAsync_NobodyWantsPictures_EncodesNone()
    {
        _options.ReportingInterval = TimeSpan.Zero;

        await RunAsync(reporter => AcceptAsync(reporter));

        Assert.Equal(0, _encoder.Encoded);
        Assert.Null(Assert.Single(_publisher.Reports).Jpeg);
    }

    [Fact]
    public async Task AcceptAsync_APublisherWantsPictures_EncodesReportedFramesOnly()
    {
        _publisher = new RecordingPublisher { WantsJpeg = true };

        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 10; i++)
                await AcceptAsync(reporter, seconds: 0.1);
        });

        Assert.Equal(1, _encoder.Encoded);
        Assert.NotNull(Assert.Single(_publisher.Reports).Jpeg);
    }

    [Fact]
    public async Task AcceptAsync_FramesFinished_GivesFramesForEachSecondInFlight()
    {
        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 10; i++)
            {
                _busy.Begin();
                _time.Advance(TimeSpan.FromSeconds(0.05));
                _busy.End();
                await AcceptAsync(reporter, seconds: 0.05);
            }
        });

        using JsonDocument report = JsonDocument.Parse(Assert.Single(_publisher.Reports).Payload);
        Assert.Equal(20, report.RootElement.GetProperty("inference_fps").GetDouble(), 6);
    }

    /// <summary>The clock is set back and forth by hours while reports are due each second.</summary>
    [Fact]
    public async Task AcceptAsync_ClockJumps_ReportsOnTheBeatUnderTimesOfTheirOwn()
    {
        await RunAsync(async reporter =>
        {
            foreach (int hours in (int[])[0, -5, 5, 48, -48])
            {
                _time.Jump(TimeSpan.FromHours(hours));
                for (int i = 0; i < 30; i++)
                    await AcceptAsync(reporter, seconds: 0.1);
            }
        });

        Assert.Equal(Enumerable.Range(1, 15).Select(static second => 10L * second), FrameIds());
        Assert.Equal(15, _publisher.Reports.Select(static report => report.Timestamp).Distinct().Count());
        Assert.Equal(15, _publisher.Reports.Select(static report => report.Id).Distinct().Count());
    }

    [Fact]
    public async Task AcceptAsync_SameTimeAgain_ShowsItInThePayloadWithoutTheTurn()
    {
        _options.ReportingInterval = TimeSpan.Zero;

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter, seconds: 1);
            _time.Jump(TimeSpan.FromSeconds(-1));
            await AcceptAsync(reporter, seconds: 1);
            _time.Jump(TimeSpan.FromSeconds(-2));
            await AcceptAsync(reporter, seconds: 1);
            await AcceptAsync(reporter, seconds: 1);
        });

        Assert.Equal(
            ["12:00:01.000000", "12:00:01.000001", "12:00:00.000000", "12:00:01.000000"],
            _publisher.Reports.Select(static report => JsonDocument.Parse(report.Payload).RootElement.GetProperty("timestamp").GetString()![11..]));
        Assert.Equal(4, _publisher.Reports.Select(static report => report.Timestamp).Distinct().Count());
    }

    [Fact]
    public async Task AcceptAsync_ThousandFrames_KeepsAtMostTwoInUse()
    {
        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 1000; i++)
                await AcceptAsync(reporter, seconds: 0.01);
        });

        Assert.InRange(_pool.Created, 1, 2);
    }

    [Fact]
    public async Task AcceptAsync_IncludeId_EndsThePayloadWithTheReportsId()
    {
        _options.ReportingInterval = TimeSpan.Zero;
        _options.IncludeId = true;

        await RunAsync(reporter => AcceptAsync(reporter));

        Report report = Assert.Single(_publisher.Reports);
        Assert.EndsWith(
            $"\"id\":\"{report.Id}\",\"stream\":\"line1\",\"model\":\"m\"}}", Encoding.UTF8.GetString(report.Payload.Span), StringComparison.Ordinal);
        Assert.Equal(7, report.Id.Version);
    }

    [Fact]
    public async Task AcceptAsync_ReportIsAskedFor_ReportsTheNextFrameAndKeepsTheBeat()
    {
        _control = new ReportingControl(_options.ReportingInterval);
        Task<ReportReceipt?>? requested = null;

        await RunAsync(async reporter =>
        {
            for (int i = 1; i <= 25; i++)
            {
                if (i == 14)
                    requested = RequestAsync();
                await AcceptAsync(reporter, seconds: 0.1);
            }
        });

        Assert.Equal([10L, 14L, 20L], FrameIds());
        Report report = _publisher.Reports.ElementAt(1);
        Assert.Equal(new ReportReceipt(report.Id, report.Timestamp, 14), await requested!);
    }

    [Theory]
    [InlineData(ReportWhen.Detections)]
    [InlineData(ReportWhen.Change)]
    public async Task AcceptAsync_ReportIsAskedForOfAFrameOfNoInterest_ReportsIt(ReportWhen when)
    {
        (_options.ReportWhen, _options.ReportingInterval) = (when, TimeSpan.Zero);
        _control = new ReportingControl(_options.ReportingInterval);

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter, classes: [7]);
            await AcceptAsync(reporter, classes: when == ReportWhen.Change ? [7] : null);
            Task<ReportReceipt?> requested = RequestAsync();
            await AcceptAsync(reporter, classes: when == ReportWhen.Change ? [7] : null);
            Assert.Equal(3, (await requested)!.FrameId);
            await AcceptAsync(reporter, classes: when == ReportWhen.Change ? [7] : null);
        });

        Assert.Equal([1L, 3L], FrameIds());
    }

    [Fact]
    public async Task AcceptAsync_ManyAskWithoutPause_ShareOneReportASecond()
    {
        (_options.ReportingInterval, _control) = (TimeSpan.FromHours(1), new ReportingControl(TimeSpan.FromHours(1)));
        var requested = new List<Task<ReportReceipt?>>();

        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 35; i++)
            {
                requested.Add(RequestAsync());
                requested.Add(RequestAsync());
                await AcceptAsync(reporter, seconds: 0.1);
            }
        });

        Assert.Equal([1L, 11L, 21L, 31L], FrameIds());
        Assert.Equal([1L, 11L, 21L, 31L], (await Task.WhenAll(requested.Take(62))).Select(static receipt => receipt!.FrameId).Distinct());
        Assert.DoesNotContain(requested.Skip(62), static task => task.IsCompleted);
    }

    [Fact]
    public async Task FlushAsync_ReportIsAskedForAtTheEnd_IsMadeOfTheNewestFrame()
    {
        _options.ReportWhen = ReportWhen.Detections;
        _control = new ReportingControl(_options.ReportingInterval);

        await RunAsync(async reporter =>
        {
            await AcceptAsync(reporter);
            Task<ReportReceipt?> requested = RequestAsync();
            await reporter.FlushAsync(CancellationToken.None);
            Assert.Equal(1, (await requested)!.FrameId);
        });
    }

    [Fact]
    public async Task AcceptAsync_IntervalIsSetShorter_ReportsAtOnce()
    {
        (_options.ReportingInterval, _control) = (TimeSpan.FromHours(1), new ReportingControl(TimeSpan.FromHours(1)));

        await RunAsync(async reporter =>
        {
            for (int i = 0; i < 20; i++)
                await AcceptAsync(reporter, seconds: 1);
            _control.Interval = TimeSpan.FromSeconds(5);
            for (int i = 0; i < 12; i++)
                await AcceptAsync(reporter, seconds: 1);
        });

        Assert.Equal([21L, 26L, 31L], FrameIds());
    }

    [Fact]
    public async Task AnnounceAsync_Message_IsPublishedAsText()
    {
        _publisher = new RecordingPublisher { WantsMessages = true };
        await RunAsync(reporter => reporter.AnnounceAsync("Starting", CancellationToken.None).AsTask());

        Report report = Assert.Single(_publisher.Reports);
        Assert.Equal(ReportKind.Lifecycle, report.Kind);
        Assert.Equal("Starting", Encoding.UTF8.GetString(report.Payload.Span));
        Assert.Equal("openvino/ssd", report.Topic);
    }

    private async Task RunAsync(Func<Reporter, Task> use)
    {
        await using var publishers = new PublisherSet([new PublisherQueue("line1", "Recording", _publisher, TimeProvider.System, NullLogger.Instance)], wait: true);
        var reporter = new Reporter(
            new ReportSubject("line1", "openvino/ssd"),
            _options,
            _control ?? new ReportingControl(_options.ReportingInterval),
            static () => "m",
            publishers,
            new FrameAnnotator(),
            _encoder,
            _busy,
            _time);
        await use(reporter);
        publishers.Complete();
        await publishers.RunAsync(CancellationToken.None);
    }

    private Task<ReportReceipt?> RequestAsync() => _control!.RequestReportAsync(TimeSpan.FromHours(1), _time, CancellationToken.None);

    private async Task AcceptAsync(Reporter reporter, double seconds = 0, int[]? classes = null, ResultPool? results = null)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        Frame frame = _pool.Rent(16, 16);
        frame.Index = ++_frame;
        frame.CapturedAt = _time.GetUtcNow();
        var result = (DetectionResult)(results ?? _results).Rent();
        result.Objects.Clear();
        result.Objects.AddRange((classes ?? []).Select(static id => new DetectedObject(id, "part", 0.9f, 0.1f, 0.1f, 0.5f, 0.5f)));
        await reporter.AcceptAsync(frame, result, results ?? _results, CancellationToken.None);
    }

    private IEnumerable<long> FrameIds() => _publisher.Reports.Select(static report =>
        JsonDocument.Parse(report.Payload).RootElement.GetProperty("frame_id").GetInt64());

    private sealed class CountingEncoder : IJpegEncoder
    {
        public int Encoded { get; private set; }

        public byte[] Encode(Frame frame, int quality)
        {
            Encoded++;
            return [1];
        }
    }

    private sealed class EmptyFunction : IInferenceFunction
    {
        public string Name => "detection";

        public InferenceResult CreateResult() => new DetectionResult();

        public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result) => throw new NotSupportedException();
    }
}
