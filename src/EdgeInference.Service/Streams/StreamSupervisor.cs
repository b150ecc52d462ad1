using System.Diagnostics.CodeAnalysis;
using EdgeInference.Capture;
using EdgeInference.Inference.Recovery;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using EdgeInference.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Starts every stream, keeps them apart, and ends the service when the last one has ended.</summary>
internal sealed partial class StreamSupervisor(
    ServiceConfiguration configuration,
    StreamFactory factory,
    DeliveryService deliveries,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StreamSupervisor> logger) : BackgroundService
{
    private static readonly TimeSpan SignalLag = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly List<StreamWorker> _running = [];
    private readonly Lock _lock = new();

    /// <summary>The streams that run or have run.</summary>
    public IReadOnlyList<StreamWorker> Streams
    {
        get
        {
            lock (_lock)
                return [.. _running];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string warning in configuration.Warnings)
            LogWarning(warning);
        StreamOutcome[] outcomes;

        // A service that was asked to stop is done, even if the host cuts off what takes too long at that.
        await using (stoppingToken.Register(() => result.ExitCode = ExitCode.Done))
        {
            outcomes = await Task.WhenAll(configuration.Options.Streams.Select(stream => RunStreamAsync(stream, stoppingToken)));
            await deliveries.DrainAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        result.ExitCode = ExitCode.Of(outcomes, stoppingToken.IsCancellationRequested);
        lifetime.StopApplication();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends one stream must not end the others.")]
    private async Task<StreamOutcome> RunStreamAsync(StreamOptions options, CancellationToken stoppingToken)
    {
        bool hasCaptured = false;
        bool hasWorked = false;
        try
        {
            await using StreamWorker worker = await CreateAsync(options, stoppingToken);
            lock (_lock)
                _running.Add(worker);
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
                LogSummary(worker.Name, statistics);
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
            LogFaulted(options.Name!, exception.Message);
            return hasCaptured ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
        }
        catch (Exception exception) when (StreamFault.Is(exception))
        {
            LogFaulted(options.Name!, exception.Message);
        }
        catch (Exception exception)
        {
            LogDefect(exception, options.Name!);
        }

        return hasWorked ? StreamOutcome.Failed : StreamOutcome.CouldNotStart;
    }

    /// <summary>Does not outlast a stop, as compiling a model may.</summary>
    private async Task<StreamWorker> CreateAsync(StreamOptions options, CancellationToken stoppingToken)
    {
        try
        {
            return await BlockingCall.MakeAsync(() => factory.Create(options), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStoppedEarly(options.Name!);
            throw;
        }
    }

    private async Task<bool> StopsSoonAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(SignalLag, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return stoppingToken.IsCancellationRequested;
    }

    private void LogSummary(string stream, StreamStatistics statistics)
    {
        LogStreamSummary(
            stream,
            statistics.Captured,
            statistics.Inferred,
            statistics.Dropped,
            statistics.Corrupt,
            statistics.FramesPerSecond,
            statistics.Reports);
        if (statistics.Failed > 0 || statistics.EngineRebuilds > 0 || statistics.AbandonedCalls > 0)
            LogEngineSummary(stream, statistics.EngineRebuilds, statistics.Failed, statistics.AbandonedCalls);
        foreach (PublisherStatistics publisher in statistics.Publishers.Where(static publisher => publisher.Name != "Log"))
            LogPublisherSummary(stream, publisher.Name, publisher.Published, publisher.Destination, publisher.Lost);
    }

    [LoggerMessage(EventId = 4100, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "{Stream}: {Reason}")]
    private partial void LogFaulted(string stream, string reason);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Critical, Message = "{Stream}: ended by a defect of this program; please report it")]
    private partial void LogDefect(Exception exception, string stream);

    [LoggerMessage(EventId = 4106, Level = LogLevel.Information, Message = "{Stream}: stopped before its engine was ready")]
    private partial void LogStoppedEarly(string stream);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Information, Message = "{Stream}: {Captured} frames, {Inferred} inferred, {Dropped} dropped, {Corrupt} corrupt, {FramesPerSecond:0.0} frames/s, {Reports} reports")]
    private partial void LogStreamSummary(string stream, long captured, long inferred, long dropped, long corrupt, double framesPerSecond, long reports);

    [LoggerMessage(EventId = 4104, Level = LogLevel.Information, Message = "{Stream}: {Publisher}: {Published} to {Destination}, {Lost} lost")]
    private partial void LogPublisherSummary(string stream, string publisher, long published, string destination, long lost);

    [LoggerMessage(EventId = 4105, Level = LogLevel.Information, Message = "{Stream}: engine rebuilt {Rebuilds} times, {Failed} frames lost in it, {Abandoned} calls into it still not returned")]
    private partial void LogEngineSummary(string stream, int rebuilds, long failed, int abandoned);
}
