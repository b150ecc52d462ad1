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
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IReadOnlyList<StreamRun> _runs = [];
    private bool _isOver;

    /// <summary>The streams, in the order of the configuration; empty before they are started.</summary>
    public IReadOnlyList<SupervisedStream> Streams => [.. _runs.Select(static run => run.Stream)];

    /// <summary>Completes when they are started.</summary>
    public Task Begun => _begun.Task;

    /// <summary>
    /// Makes these the streams: new ones are started, those that are gone are stopped, those that are configured otherwise, or
    /// are at fault, are started anew, and all others go on as if nothing had happened.
    /// </summary>
    public async Task ApplyAsync(ServiceConfiguration changed, CancellationToken cancellationToken)
    {
        await _begun.Task.WaitAsync(cancellationToken);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_isOver)
                return;
            LogWarnings(changed);
            IReadOnlyList<ConfiguredStream> streams = changed.Streams;
            Dictionary<string, StreamRun> known = _runs.ToDictionary(static run => run.Configured.Name, StringComparer.Ordinal);
            StreamRun[] removed = [.. _runs.ExceptBy(streams.Select(static stream => stream.Name), static run => run.Configured.Name)];
            Task removing = Task.WhenAll(removed.Select(RemoveAsync));
            StreamRun?[] runs = await Task.WhenAll(streams.Select(stream => ApplyAsync(known.GetValueOrDefault(stream.Name), stream)));
            await removing;
            _runs = [.. runs.OfType<StreamRun>()];
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
        LogWarnings(configuration);
        _runs = [.. configuration.Streams.Select(Start)];
        _begun.SetResult();

        // A service that was asked to stop is done, even if the host cuts off what takes too long at that.
        await using (Stopping.Register(() => result.ExitCode = ExitCode.Done))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
            Task mending = StartMendedAsync(over.Token);
            while (!await EndAsync())
            {
                // Other streams have come in the meantime.
            }

            await over.CancelAsync();
            await mending;
            await deliveries.DrainAsync(Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        StreamOutcome[] outcomes = await Task.WhenAll(_runs.Select(static run => run.Ended));
        result.ExitCode = ExitCode.Of(outcomes, Stopping.IsCancellationRequested);
        lifetime.StopApplication();
    }

    /// <summary>Stops the streams: at once, not only when the turn of this service comes.</summary>
    private CancellationToken Stopping => lifetime.ApplicationStopping;

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
    private async Task StartMendedAsync(CancellationToken overToken)
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
                        _runs = await Task.WhenAll(_runs.Select(StartMendedAsync));
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

    private async Task<StreamRun> StartMendedAsync(StreamRun run)
    {
        if (!run.Stream.IsModelMended())
            return run;
        LogMended(run.Configured.Name);
        await StopAsync(run);
        return Start(run.Configured);
    }

    private StreamRun Start(ConfiguredStream stream) => StreamRun.Start(
        new SupervisedStream(stream, factory, models, deliveries, time, loggers.CreateLogger<SupervisedStream>()), Stopping);

    /// <returns>Null where it is a new one that has no place for its reports.</returns>
    private async Task<StreamRun?> ApplyAsync(StreamRun? run, ConfiguredStream stream)
    {
        if (run is null)
        {
            LogAdded(stream.Name);
        }
        else
        {
            if (run.Configured.Equals(stream) && run.Stream.State != StreamState.Faulted)
                return run;
            if (await run.Stream.TrySwapModelAsync(stream, Stopping))
                return run;
            string changes = run.Configured.DescribeChanges(stream);
            LogChanged(stream.Name, changes);
            await StopAsync(run);
        }

        if (await TrySetPublishersAsync(stream.Name, () => publishers.CreateDurable(stream)))
            return Start(stream);
        return run is null ? null : Start(run.Configured);
    }

    private async Task RemoveAsync(StreamRun run)
    {
        LogRemoved(run.Configured.Name);
        await StopAsync(run);
        await TrySetPublishersAsync(run.Configured.Name, static () => []);
    }

    private static async Task StopAsync(StreamRun run)
    {
        await run.StopAsync();
        run.Dispose();
    }

    /// <summary>Lets nothing out: what goes wrong with one stream's publishers must not keep the others from being seen to.</summary>
    /// <returns>False where the stream has the publishers that it had.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Logged as what it means for the stream.")]
    private async Task<bool> TrySetPublishersAsync(string stream, Func<IEnumerable<DurablePublisher>> create)
    {
        try
        {
            await deliveries.ReplaceAsync(stream, [.. create()], Stopping);
            return true;
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            // All streams are being stopped, and what is started now ends at once.
        }
        catch (Exception exception)
        {
            LogSamePublishers(stream, exception.Message);
        }

        return false;
    }

    private void LogWarnings(ServiceConfiguration of)
    {
        foreach (string warning in of.Warnings)
            LogWarning(warning);
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

    [LoggerMessage(EventId = 4113, Level = LogLevel.Error, Message = "{Stream}: its publishers cannot be changed now, so that it stays as it was: {Reason}")]
    private partial void LogSamePublishers(string stream, string reason);
}
