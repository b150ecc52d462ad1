using System.Diagnostics.CodeAnalysis;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Runs the streams of the configuration, also as it changes, and ends the service when the last one has ended.</summary>
internal sealed partial class StreamSupervisor(
    ServiceConfiguration configuration,
    StreamFactory factory,
    StreamModels models,
    PublisherFactory publishers,
    DeliveryService deliveries,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<StreamSupervisor>();
    private readonly SemaphoreSlim _changing = new(1);
    private volatile IReadOnlyList<StreamRun> _runs = [];
    private bool _isOver;

    /// <summary>The streams, in the order of the configuration; empty before they are started.</summary>
    public IReadOnlyList<SupervisedStream> Streams => [.. _runs.Select(static run => run.Stream)];

    /// <summary>
    /// Makes these the streams: new ones are started, those that are gone are stopped, those that are configured otherwise, or
    /// are at fault, are started anew, and all others go on as if nothing had happened.
    /// </summary>
    public async Task ApplyAsync(IReadOnlyList<ConfiguredStream> streams, CancellationToken stoppingToken)
    {
        await _changing.WaitAsync(stoppingToken);
        try
        {
            if (_isOver)
                return;
            Dictionary<string, StreamRun> known = _runs.ToDictionary(static run => run.Configured.Name, StringComparer.Ordinal);
            StreamRun[] removed = [.. _runs.ExceptBy(streams.Select(static stream => stream.Name), static run => run.Configured.Name)];
            await Task.WhenAll(removed.Select(run => RemoveAsync(run, stoppingToken)));
            _runs = await Task.WhenAll(streams.Select(stream => ApplyAsync(known.GetValueOrDefault(stream.Name), stream, stoppingToken)));
        }
        finally
        {
            _changing.Release();
        }
    }

    public override void Dispose()
    {
        foreach (StreamRun run in _runs)
            run.Dispose();
        _changing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string warning in configuration.Warnings)
            LogWarning(warning);
        _runs = [.. configuration.Streams.Select(stream => Start(stream, stoppingToken))];

        // A service that was asked to stop is done, even if the host cuts off what takes too long at that.
        await using (stoppingToken.Register(() => result.ExitCode = ExitCode.Done))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task mending = StartMendedAsync(over.Token, stoppingToken);
            while (!await EndAsync())
            {
                // Other streams have come in the meantime.
            }

            await over.CancelAsync();
            await mending;
            await deliveries.DrainAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        StreamOutcome[] outcomes = await Task.WhenAll(_runs.Select(static run => run.Ended));
        result.ExitCode = ExitCode.Of(outcomes, stoppingToken.IsCancellationRequested);
        lifetime.StopApplication();
    }

    /// <summary>Waits until all streams have ended.</summary>
    /// <returns>False where a change of the configuration has brought others by then.</returns>
    private async Task<bool> EndAsync()
    {
        await Task.WhenAll(_runs.Select(static run => run.Ended));
        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            return _isOver = _runs.All(static run => run.Ended.IsCompleted);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>As long as other streams run, starts those that could not because of their models when these change.</summary>
    private async Task StartMendedAsync(CancellationToken overToken, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ModelFiles.LookInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(overToken))
            {
                await _changing.WaitAsync(overToken);
                try
                {
                    if (!_isOver)
                        _runs = await Task.WhenAll(_runs.Select(run => StartMendedAsync(run, stoppingToken)));
                }
                finally
                {
                    _changing.Release();
                }
            }
        }
        catch (OperationCanceledException) when (overToken.IsCancellationRequested)
        {
            // Nothing runs any more.
        }
    }

    private async Task<StreamRun> StartMendedAsync(StreamRun run, CancellationToken stoppingToken)
    {
        if (!run.Stream.IsModelMended())
            return run;
        LogMended(run.Configured.Name);
        await StopAsync(run);
        return Start(run.Configured, stoppingToken);
    }

    private StreamRun Start(ConfiguredStream stream, CancellationToken stoppingToken) => StreamRun.Start(
        new SupervisedStream(stream, factory, models, deliveries, time, loggers.CreateLogger<SupervisedStream>()), stoppingToken);

    private async Task<StreamRun> ApplyAsync(StreamRun? run, ConfiguredStream stream, CancellationToken stoppingToken)
    {
        if (run is null)
        {
            LogAdded(stream.Name);
        }
        else
        {
            if (run.Configured.Equals(stream) && run.Stream.State != StreamState.Faulted)
                return run;
            if (await run.Stream.TrySwapModelAsync(stream, stoppingToken))
                return run;
            string changes = run.Configured.DescribeChanges(stream);
            LogChanged(stream.Name, changes);
            await StopAsync(run);
        }

        await SetPublishersAsync(stream.Name, () => publishers.CreateDurable(stream), stoppingToken);
        return Start(stream, stoppingToken);
    }

    private async Task RemoveAsync(StreamRun run, CancellationToken stoppingToken)
    {
        LogRemoved(run.Configured.Name);
        await StopAsync(run);
        await SetPublishersAsync(run.Configured.Name, static () => [], stoppingToken);
    }

    private static async Task StopAsync(StreamRun run)
    {
        await run.StopAsync();
        run.Dispose();
    }

    /// <summary>Lets nothing out: what goes wrong with one stream's publishers must not keep the others from being seen to.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Logged as what it means for the stream.")]
    private async Task SetPublishersAsync(string stream, Func<IEnumerable<DurablePublisher>> create, CancellationToken stoppingToken)
    {
        try
        {
            await deliveries.ReplaceAsync(stream, [.. create()], stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // All streams are being stopped, and what is started now ends at once.
        }
        catch (Exception exception)
        {
            LogNoDelivery(stream, exception.Message);
        }
    }

    [LoggerMessage(EventId = 4100, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 4110, Level = LogLevel.Information, Message = "{Stream}: added to the configuration")]
    private partial void LogAdded(string stream);

    [LoggerMessage(EventId = 4111, Level = LogLevel.Information, Message = "{Stream}: starts again with the configuration as it is now ({Changes})")]
    private partial void LogChanged(string stream, string changes);

    [LoggerMessage(EventId = 4112, Level = LogLevel.Information, Message = "{Stream}: removed from the configuration")]
    private partial void LogRemoved(string stream);

    [LoggerMessage(EventId = 4114, Level = LogLevel.Information, Message = "{Stream}: the files of its model have changed: it starts again")]
    private partial void LogMended(string stream);

    [LoggerMessage(EventId = 4113, Level = LogLevel.Error, Message = "{Stream}: nothing is delivered to its publishers until the next start of the service: {Reason}")]
    private partial void LogNoDelivery(string stream, string reason);
}
