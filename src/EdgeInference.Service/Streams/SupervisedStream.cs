using System.Diagnostics.CodeAnalysis;
using EdgeInference.Capture;
using EdgeInference.Functions;
using EdgeInference.Inference;
using EdgeInference.Inference.Recovery;
using EdgeInference.Inference.Swapping;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Reporting;
using EdgeInference.Retrying;
using EdgeInference.Service.Configuration;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Runs one configured stream, from the reading of its files to its end, and keeps whatever ends it from the others.</summary>
internal sealed partial class SupervisedStream(
    ConfiguredStream stream, StreamFactory factory, StreamModels models, DeliveryService deliveries, TimeProvider time, ILogger<SupervisedStream> logger)
{
    private static readonly TimeSpan SignalLag = TimeSpan.FromSeconds(1);

    // What fails after that did not fail because of how it was started again.
    private static readonly TimeSpan SteadyRun = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private volatile StreamState _state = StreamState.Starting;
    private volatile StreamWorker? _worker;
    private volatile ConfiguredStream _configured = stream;
    private volatile ConfiguredStream _accepted = stream;
    private volatile ModelFiles? _files;
    private volatile bool _isModelAtFault;

    public string Name => _configured.Name;

    /// <summary>What it is configured as; <see cref="TrySwapModelAsync"/> changes that.</summary>
    public ConfiguredStream Configured => _configured;

    /// <summary>How long its start may take before whoever watches over the service is to step in.</summary>
    public TimeSpan CompileTimeout => _configured.Options.Model.CompileTimeout;

    public StreamState State => _state;

    /// <summary>What may be asked of its reports while it runs. It holds over failures and models, not over a change of the configuration.</summary>
    public ReportingControl Reporting { get; } = new(stream.Options.ReportingInterval);

    /// <summary>What runs, or ran last; null until its model is compiled.</summary>
    public StreamWorker? Worker => _worker;

    /// <summary>Runs until the stream has ended or is stopped; one with a live source that fails after it has worked is started again.</summary>
    public async Task<StreamOutcome> RunAsync(CancellationToken stoppingToken)
    {
        var backoff = new RetryBackoff();
        bool hasWorked = false;
        while (true)
        {
            StreamOutcome outcome = await TryRunAsync(stoppingToken);
            if (outcome == StreamOutcome.CouldNotStart && hasWorked)
                outcome = StreamOutcome.Failed;
            hasWorked |= outcome == StreamOutcome.Failed;
            _state = outcome == StreamOutcome.Done ? StreamState.Ended : StreamState.Faulted;
            if (outcome != StreamOutcome.Failed || _worker is not { IsLive: true, IsStuckForGood: false } worker)
                return outcome;
            if (worker.Statistics.Elapsed > SteadyRun)
                backoff.Reset();
            TimeSpan delay = backoff.NextDelay();
            LogRestarts(Name, delay.TotalSeconds);
            await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return StreamOutcome.Done;
            _state = StreamState.Starting;
        }
    }

    /// <summary>Gives the running stream the model of another configuration, unless that differs in more.</summary>
    /// <returns>Whether that is all there was to do, also where the model was refused; else the stream is to be started anew.</returns>
    public async Task<bool> TrySwapModelAsync(ConfiguredStream changed, CancellationToken cancellationToken)
    {
        if (_state != StreamState.Running || _worker is not { } worker || !changed.DiffersInModelOnly(_configured))
            return false;
        string changes = changed.DescribeChanges(_configured);
        LogModelChanged(Name, changes);
        _configured = changed;
        _files = new ModelFiles(changed.Options);
        await SwapModelAsync(worker, cancellationToken);
        return true;
    }

    /// <summary>Whether it could not start because of its model, whose files have changed since. Says so once for each change.</summary>
    public bool IsModelMended() => _state == StreamState.Faulted && _isModelAtFault && _files is { } files && files.HaveChanged();

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends one stream must not end the others.")]
    private async Task<StreamOutcome> TryRunAsync(CancellationToken stoppingToken)
    {
        bool hasCaptured = false;
        bool hasWorked = false;
        try
        {
            _isModelAtFault = false;
            _files = new ModelFiles(_configured.Options);
            await using StreamWorker worker = await CreateAsync(stoppingToken);
            (_worker, _state) = (worker, StreamState.Running);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task watching = WatchModelAsync(worker, end.Token);
            try
            {
                await worker.RunAsync(stoppingToken);
            }
            finally
            {
                await end.CancelAsync();
                await watching;
                StreamStatistics statistics = worker.Statistics;
                hasCaptured = statistics.Captured > 0;

                // An engine that was rebuilt may work after a restart: unlike one that failed from the start.
                hasWorked = statistics.Inferred > 0 || statistics.EngineRebuilds > 0;
                LogSummary(statistics);
            }

            return StreamOutcome.Done;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return StreamOutcome.Done;
        }
        catch (CaptureException exception)
        {
            // What stops the service (Ctrl+C, systemd) may stop ffmpeg too, and its end be seen before our own stop is.
            if (hasCaptured && await StopsSoonAsync(stoppingToken))
                return StreamOutcome.Done;
            LogFaulted(Name, exception.Message);
            return hasCaptured ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
        }
        catch (Exception exception) when (StreamFault.Is(exception))
        {
            _isModelAtFault = !hasWorked && exception is (ModelException or LabelMapException or InferenceException);
            LogFaulted(Name, exception.Message);
        }
        catch (Exception exception)
        {
            LogDefect(exception, Name);
        }

        return hasWorked ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
    }

    /// <summary>
    /// Looks at the files of the model now and then, and swaps it when they have changed. Also, once for each time, when the
    /// engine has failed and its files are gone: those that are there now, even if refused before, are all there is.
    /// </summary>
    private async Task WatchModelAsync(StreamWorker worker, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ModelFiles.LookInterval, time);
        bool lackedModel = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                bool lacksModel = worker.LacksModel;
                bool isLost = lacksModel && !lackedModel;
                lackedModel = lacksModel;
                if (_files!.HaveChanged())
                    LogFilesChanged(Name);
                else if (isLost)
                    LogFilesLost(Name);
                else
                    continue;
                await SwapModelAsync(worker, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stream ends.
        }
    }

    private async Task SwapModelAsync(StreamWorker worker, CancellationToken cancellationToken)
    {
        ConfiguredStream tried = _configured;
        try
        {
            SwapOutcome outcome = await worker.SwapModelAsync(() => models.LoadWhole(tried = _configured), cancellationToken);
            if (outcome.Refusal is null)
                _accepted = tried;
        }
        catch (OperationCanceledException)
        {
            // The stream ends; if it starts again, it does with that model, which nothing speaks against.
            _accepted = tried;
        }
    }

    /// <summary>Does not outlast a stop, as compiling a model may.</summary>
    private async Task<StreamWorker> CreateAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await BlockingCall.MakeAsync(() => factory.Create(_accepted, deliveries.PublishersOf(Name), Reporting), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStoppedEarly(Name);
            throw;
        }
    }

    private async Task<bool> StopsSoonAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(SignalLag, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return stoppingToken.IsCancellationRequested;
    }

    private void LogSummary(StreamStatistics statistics)
    {
        LogStreamSummary(
            Name,
            statistics.Captured,
            statistics.Inferred,
            statistics.Dropped,
            statistics.Corrupt,
            statistics.FramesPerSecond,
            statistics.Reports);
        if (statistics.Failed > 0 || statistics.EngineRebuilds > 0 || statistics.AbandonedCalls > 0)
            LogEngineSummary(Name, statistics.EngineRebuilds, statistics.Failed, statistics.AbandonedCalls);
        foreach (PublisherStatistics publisher in statistics.Publishers.Where(static publisher => publisher.Name != "Log"))
            LogPublisherSummary(Name, publisher.Name, publisher.Published, publisher.Destination, publisher.Lost);
    }
}
