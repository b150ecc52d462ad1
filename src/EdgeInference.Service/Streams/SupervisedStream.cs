using System.Diagnostics.CodeAnalysis;
using EdgeInference.Capture;
using EdgeInference.Inference.Recovery;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Retrying;
using EdgeInference.Service.Configuration;
using EdgeInference.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Runs one configured stream, from the reading of its files to its end, and keeps whatever ends it from the others.</summary>
internal sealed partial class SupervisedStream(
    ConfiguredStream stream, StreamFactory factory, DeliveryService deliveries, TimeProvider time, ILogger<SupervisedStream> logger)
{
    private static readonly TimeSpan SignalLag = TimeSpan.FromSeconds(1);

    // What fails after that did not fail because of how it was started again.
    private static readonly TimeSpan SteadyRun = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private volatile StreamState _state = StreamState.Starting;
    private volatile StreamWorker? _worker;
    private volatile string? _fault;

    public string Name => stream.Name;

    public StreamState State => _state;

    /// <summary>What it ended with; null while it has not.</summary>
    public string? Fault => _fault;

    /// <summary>What runs, or ran last; null until its model is compiled.</summary>
    public StreamWorker? Worker => _worker;

    /// <summary>Runs until the stream has ended or is stopped; one with a live source that fails after it has worked is started again.</summary>
    public async Task<StreamOutcome> RunAsync(CancellationToken stoppingToken)
    {
        var backoff = new RetryBackoff();
        while (true)
        {
            StreamOutcome outcome = await TryRunAsync(stoppingToken);
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

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends one stream must not end the others.")]
    private async Task<StreamOutcome> TryRunAsync(CancellationToken stoppingToken)
    {
        bool hasCaptured = false;
        bool hasWorked = false;
        try
        {
            await using StreamWorker worker = await CreateAsync(stoppingToken);
            (_worker, _state) = (worker, StreamState.Running);
            try
            {
                await worker.RunAsync(stoppingToken);
            }
            finally
            {
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
            _fault = exception.Message;
            LogFaulted(Name, exception.Message);
            return hasCaptured ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
        }
        catch (Exception exception) when (StreamFault.Is(exception))
        {
            _fault = exception.Message;
            LogFaulted(Name, exception.Message);
        }
        catch (Exception exception)
        {
            _fault = exception.Message;
            LogDefect(exception, Name);
        }

        return hasWorked ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
    }

    /// <summary>Does not outlast a stop, as compiling a model may.</summary>
    private async Task<StreamWorker> CreateAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await BlockingCall.MakeAsync(() => factory.Create(stream, deliveries.PublishersOf(Name)), stoppingToken);
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
