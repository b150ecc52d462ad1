using EdgeInference.Annotation;
using EdgeInference.Capture;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Inference.Swapping;
using EdgeInference.Publishing;
using EdgeInference.Reporting;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Streams;

/// <summary>
/// Runs one stream: source, inference, reports. It shares nothing with other streams, so that its failure or slowness
/// is its own.
/// </summary>
public sealed partial class StreamWorker : IAsyncDisposable
{
    // How long publishers may go on after the stream has ended, and a stopped stream with what is in flight.
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(5);

    private static readonly StreamActivity Idle = new(ActivityKind.Work, "waiting for a frame");
    private static readonly StreamActivity Publishing = new(ActivityKind.Work, "waiting for a publisher");

    private readonly StreamPlan _plan;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FrameQueue _frames;
    private readonly CaptureHeartbeat _captureHeartbeat;
    private readonly CaptureLoop _capture;
    private readonly AnnouncementQueue _announcements = new();
    private readonly AbandonedCalls _abandoned;
    private readonly EngineSource _engines;
    private readonly EngineRecovery _recovery;
    private readonly ModelSwap _swap;
    private readonly InferencePipeline _pipeline;
    private readonly PublisherSet _publishers;
    private readonly Reporter _reporter;
    private readonly StreamActivity _inferring;
    private long _started;
    private long _ended;

    /// <summary>Makes the first requests at once, so that an engine which cannot is found where the stream is made.</summary>
    /// <exception cref="InferenceException">The engine cannot make them; it has been disposed.</exception>
    public StreamWorker(StreamPlan plan, TimeProvider time, ILogger<StreamWorker> logger)
    {
        _plan = plan;
        _time = time;
        _logger = logger;
        _frames = new FrameQueue(plan.IsLive);
        _captureHeartbeat = new CaptureHeartbeat(plan.IsLive, plan.ConnectTimeout, plan.StallTimeout);
        _capture = new CaptureLoop(plan.Name, plan.OpenSource, _frames, _captureHeartbeat, new RetryBackoff(), time, logger);
        var busyTime = new BusyTime(time);
        _abandoned = new AbandonedCalls(plan.Name, StuckEngines.OfProcess, logger);
        StreamModel model = plan.Model;
        var parts = new RequestParts(model.Model, model.Preprocessor, model.Function, busyTime, _abandoned);
        _engines = new EngineSource(
            InferenceSession.Open(model.Engine, model.Requests, parts),
            () => InferenceSession.Open(model.RebuildEngine(), model.Requests, parts),
            _abandoned,
            time);
        _recovery = new EngineRecovery(
            _engines,
            new RequestWatchdog(plan.RequestTimeout),
            new MemoryBudget(plan.Name, plan.MemoryBudget, ProcessMemory.OfProcess, logger),
            new EngineOutage(plan.Name, _announcements.Post, time, logger),
            StuckEngines.OfProcess,
            time)
        {
            CompileTimeout = plan.CompileTimeout,
        };
        _swap = new ModelSwap(
            plan.Name,
            new SwapOptions { TimeFactor = plan.SwapTimeFactor, RequestTimeout = plan.RequestTimeout, CompileTimeout = plan.CompileTimeout },
            _frames,
            _engines,
            _recovery,
            _announcements.Post,
            time,
            logger);
        _pipeline = new InferencePipeline(_recovery);

        // A request that hangs is given up a little after its timeout, and its engine replaced, which is an activity of its own.
        _inferring = new StreamActivity(ActivityKind.Work, "inferring", (plan.RequestTimeout * 2) + StreamActivity.Slack);
        _publishers = new PublisherSet(
            [.. plan.Publishers.Select(publisher => new PublisherQueue(plan.Name, publisher.Key, publisher.Value, time, logger))],
            wait: !plan.IsLive);
        _reporter = new Reporter(
            new ReportSubject(plan.Name, plan.Topic),
            plan.Reporting,
            plan.ReportingControl ?? new ReportingControl(plan.Reporting.ReportingInterval),
            () => _engines.Parts.Model.Name,
            _publishers,
            new FrameAnnotator(),
            plan.Encoder,
            busyTime,
            time);
    }

    public string Name => _plan.Name;

    /// <summary>Whether its source is live, and so never ends by itself.</summary>
    public bool IsLive => _plan.IsLive;

    /// <summary>Frames inferred so far.</summary>
    public long Inferred => _reporter.Inferred;

    /// <summary>Whether it has no engine because its model cannot be compiled again, as where its files have been replaced.</summary>
    public bool LacksModel => _recovery.LacksModel;

    /// <summary>What each part is at, for whoever watches over it.</summary>
    public IReadOnlyList<StreamPart> Parts =>
    [
        new("capture", _captureHeartbeat.Activity, _capture.Captured + _captureHeartbeat.Declarations),
        new("inference", InferenceActivity, Inferred + _pipeline.Failed + _recovery.Steps),
    ];

    /// <summary>Whether it has ended because too many engines of this process never return from a call.</summary>
    public bool IsStuckForGood => _recovery.IsStuckForGood;

    /// <summary>Whether any stream has ended because too many engines of this process never return from a call.</summary>
    public static bool NeedsNewProcess => StuckEngines.OfProcess.HaveEndedAStream;

    public StreamStatistics Statistics => new(
        _capture.Captured,
        _capture.Corrupt,
        _frames.Dropped,
        _reporter.Inferred,
        _pipeline.Failed,
        _recovery.Rebuilds,
        _abandoned.Count,
        _reporter.Reports,
        _started == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_started, _ended == 0 ? _time.GetTimestamp() : _ended),
        [.. _publishers.Queues.Select(static queue => new PublisherStatistics(queue.Name, queue.Destination, queue.Published, queue.Lost))]);

    /// <summary>
    /// Runs until the source ends or the token stops it. Then, in this order: no more frames are read, those read are
    /// inferred, the last report is made, the publishers finish. A stop or a failure gives that a deadline; a file that
    /// has ended waits for its publishers as it did before.
    /// </summary>
    /// <exception cref="CaptureException">The source cannot be read.</exception>
    /// <exception cref="InferenceException">The engine failed for good.</exception>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        _started = _time.GetTimestamp();
        using var abandon = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration deadline = stoppingToken.Register(() => abandon.CancelAfter(DrainDeadline));
        using var abandonPublishing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        Task publishing = _publishers.RunAsync(abandonPublishing.Token);
        try
        {
            await _reporter.AnnounceAsync("OpenVINO: Initializing...", abandon.Token);
            await _reporter.AnnounceAsync($"Starting inference on {_plan.SourceName}", abandon.Token);
            Task announcing = _announcements.RunAsync(_reporter.AnnounceAsync, abandon.Token);
            try
            {
                await InferAsync(stoppingToken, abandon.Token);
            }
            catch
            {
                abandon.CancelAfter(DrainDeadline);
                throw;
            }
            finally
            {
                _ended = _time.GetTimestamp();
                _announcements.Complete();
                await announcing;
                await FlushAsync(abandon.Token);
            }

            if (!stoppingToken.IsCancellationRequested)
                await _reporter.AnnounceAsync("End of the input, exiting...", abandon.Token);
        }
        finally
        {
            _publishers.Complete();
            abandonPublishing.CancelAfter(DrainDeadline);
            await FinishPublishingAsync(publishing, abandonPublishing.Token);
        }
    }

    /// <summary>
    /// Gives the stream another model, which is loaded, compiled and tried on the next frames while the one in use goes on.
    /// Waits for one that is on its way already.
    /// </summary>
    /// <param name="load">Reads and compiles it, on a thread of its own; what it throws refuses the model.</param>
    /// <param name="cancellationToken">The stream stops.</param>
    /// <exception cref="OperationCanceledException">The token ended it, or the stream has ended.</exception>
    public Task<SwapOutcome> SwapModelAsync(Func<StreamModel> load, CancellationToken cancellationToken) => _swap.RunAsync(load, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _swap.DisposeAsync();
        _engines.Dispose();
        await _publishers.DisposeAsync();
        (_plan.Encoder as IDisposable)?.Dispose();
    }

    private StreamActivity InferenceActivity
    {
        get
        {
            if (_recovery.Activity is { } rebuilding)
                return rebuilding;
            if (_reporter.IsPublishing)
                return Publishing;
            return _capture.Captured - _frames.Dropped - _pipeline.Failed - Inferred > 0 ? _inferring : Idle;
        }
    }

    private async Task InferAsync(CancellationToken stoppingToken, CancellationToken abandonToken)
    {
        using var capturing = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task capture = _capture.RunAsync(capturing.Token);
        Task inference = _pipeline.RunAsync(_frames, _reporter.AcceptAsync, stoppingToken, abandonToken);
        try
        {
            await inference;
        }
        finally
        {
            // Inference ends before its source only when it failed: then nobody is left to read frames for.
            await capturing.CancelAsync();
            await capture;
        }
    }

    /// <summary>Makes the last report, unless a stop or a failure leaves no time for it.</summary>
    private async Task FlushAsync(CancellationToken abandonToken)
    {
        try
        {
            await _reporter.FlushAsync(abandonToken);
        }
        catch (OperationCanceledException) when (abandonToken.IsCancellationRequested)
        {
            LogUnpublished(Name, DrainDeadline.TotalSeconds);
        }
    }

    private async Task FinishPublishingAsync(Task publishing, CancellationToken abandonToken)
    {
        try
        {
            // Not just the task: a publisher may be stuck in a call that no token ends, such as a write that nobody reads.
            await publishing.WaitAsync(abandonToken);
        }
        catch (OperationCanceledException) when (abandonToken.IsCancellationRequested)
        {
            _publishers.Abandon();
            LogUnpublished(Name, DrainDeadline.TotalSeconds);
        }
    }

    [LoggerMessage(EventId = 2000, Level = LogLevel.Warning, Message = "{Stream}: publishers did not finish within {Seconds} s; their last reports are lost")]
    private partial void LogUnpublished(string stream, double seconds);
}
