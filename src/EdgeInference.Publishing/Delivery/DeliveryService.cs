using EdgeInference.Publishing.Outbox;
using EdgeInference.Retrying;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Delivery;

/// <summary>A publisher of a stream that takes its reports from the outbox.</summary>
public sealed record DurablePublisher(CursorKey Key, IPublisher Publisher);

/// <summary>
/// Delivers what is in the outbox: a loop for each publisher of each stream, whether its stream runs or not, since what
/// was committed before a restart is delivered even where the camera is gone.
/// </summary>
public sealed partial class DeliveryService(ReportOutbox outbox, TimeProvider time, ILogger<DeliveryService> logger) : BackgroundService
{
    // What has made no progress for so long is left to the next start.
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IReadOnlyList<RunningDelivery> _deliveries = [];
    private bool _isStuck;

    /// <summary>How many publishers cannot deliver at the moment.</summary>
    public int Failing => _deliveries.Count(static delivery => delivery.Loop.IsFailing);

    /// <summary>What waits to be delivered.</summary>
    /// <exception cref="OutboxException">The outbox cannot be read now.</exception>
    public Task<OutboxBacklog> ReadBacklogAsync() => outbox.ReadBacklogAsync();

    /// <summary>Begins with these publishers: opens the outbox, if anybody needs it.</summary>
    /// <exception cref="OutboxException">It cannot be used.</exception>
    public void Open(IReadOnlyList<DurablePublisher> publishers)
    {
        if (publishers.Count == 0)
            return;
        outbox.Open(ReadersFor(publishers));
        _deliveries = [.. publishers.Select(Begin)];
    }

    /// <summary>The publishers of a stream.</summary>
    public IReadOnlyList<DurablePublisher> PublishersOf(string stream) =>
        [.. _deliveries.Select(static delivery => delivery.Publisher).Where(publisher => publisher.Key.Stream == stream)];

    /// <summary>
    /// Gives a stream, which must not run now, other publishers in place of those that it has. Those that are not among
    /// the new ones first get some seconds for what waits for them; what they do not deliver by then is kept.
    /// </summary>
    /// <exception cref="OutboxException">The outbox cannot be used: the stream has the publishers that it had.</exception>
    public async Task ReplaceAsync(string stream, IReadOnlyList<DurablePublisher> publishers, CancellationToken cancellationToken)
    {
        RunningDelivery[] before = [.. _deliveries.Where(delivery => delivery.Loop.Key.Stream == stream)];
        await DrainAsync(before.ExceptBy(publishers.Select(static publisher => publisher.Key), static delivery => delivery.Loop.Key), cancellationToken);
        foreach (RunningDelivery old in before)
            await old.DisposeAsync();
        IReadOnlyList<DurablePublisher> unused = publishers;
        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            RunningDelivery[] others = [.. _deliveries.Except(before)];
            await SetReadersAsync(ReadersFor([.. others.Select(static delivery => delivery.Publisher), .. publishers]));
            _deliveries = [.. others, .. publishers.Select(Begin)];
            unused = [.. before.Select(static delivery => delivery.Publisher)];
        }
        catch
        {
            _deliveries = [.. _deliveries.Except(before), .. before.Select(delivery => Begin(delivery.Publisher))];
            throw;
        }
        finally
        {
            _changing.Release();
            foreach (DurablePublisher publisher in unused)
                await publisher.Publisher.DisposeAsync();
        }
    }

    /// <summary>Waits until everything is delivered, or nothing has been for some seconds.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!_isStuck)
            _isStuck = !await DrainAsync([.. _deliveries.Select(static delivery => delivery.Loop)], cancellationToken);
    }

    /// <summary>The streams have been stopped: delivers the rest within a deadline.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(DrainDeadline);
        try
        {
            await DrainAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // What is left is told below.
        }

        await base.StopAsync(cancellationToken);
        foreach (RunningDelivery delivery in _deliveries)
        {
            await delivery.DisposeAsync();
            await delivery.Publisher.Publisher.DisposeAsync();
        }

        await LogOutcomeAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _changing.Dispose();
        base.Dispose();
    }

    /// <summary>From here on loops run, those that come later too.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _started.SetResult();
        return Task.CompletedTask;
    }

    private async Task DrainAsync(IEnumerable<RunningDelivery> deliveries, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(DrainDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Task draining = DrainAsync([.. deliveries.Select(static delivery => delivery.Loop)], either.Token);
        await draining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SetReadersAsync(IReadOnlyList<OutboxReader> readers)
    {
        if (outbox.IsOpen)
            await outbox.SetReadersAsync(readers);
        else if (readers.Count > 0)
            outbox.Open(readers);
    }

    private static IReadOnlyList<OutboxReader> ReadersFor(IReadOnlyList<DurablePublisher> publishers) =>
        [.. publishers.Select(static publisher => new OutboxReader(publisher.Key, publisher.Publisher.WantsMessages))];

    private RunningDelivery Begin(DurablePublisher publisher) => RunningDelivery.Begin(
        publisher, new DeliveryLoop(outbox.CursorOf(publisher.Key), publisher.Publisher, new RetryBackoff(), time, logger), _started.Task);

    /// <returns>False when nothing was delivered for some seconds.</returns>
    private async Task<bool> DrainAsync(IReadOnlyList<DeliveryLoop> loops, CancellationToken cancellationToken)
    {
        (long Position, long Since) progress = (-1, 0);
        while (loops.Any(static loop => !loop.IsUpToDate))
        {
            long position = loops.Sum(static loop => loop.Position);
            if (position != progress.Position)
                progress = (position, time.GetTimestamp());
            else if (time.GetElapsedTime(progress.Since) > DrainDeadline)
                return false;
            await Task.Delay(DrainPoll, time, cancellationToken);
        }

        return true;
    }

    private async Task LogOutcomeAsync(CancellationToken cancellationToken)
    {
        if (_deliveries.Count == 0)
            return;
        Dictionary<CursorKey, DeliveryLoop> loops = _deliveries.ToDictionary(static delivery => delivery.Loop.Key, static delivery => delivery.Loop);
        try
        {
            foreach (CursorStatistics cursor in await outbox.ReadStatisticsAsync().WaitAsync(cancellationToken))
            {
                if (loops.TryGetValue(cursor.Key, out DeliveryLoop? loop))
                    LogOutcome(cursor.Key.Stream, cursor.Key.Publisher, loop.Delivered, loop.Destination, cursor.Waiting, cursor.SetAside, cursor.Evicted);
            }
        }
        catch (Exception exception) when (exception is OutboxException or OperationCanceledException)
        {
            // A disk that fails or hangs must not keep the service from stopping.
            LogNoOutcome(exception.Message);
        }
    }

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "What was delivered cannot be told: {Reason}")]
    private partial void LogNoOutcome(string reason);

    [LoggerMessage(EventId = 3030, Level = LogLevel.Information, Message = "{Stream}: {Publisher}: {Delivered} delivered to {Destination}, {Waiting} not yet; {SetAside} set aside, {Evicted} evicted")]
    private partial void LogOutcome(string stream, string publisher, long delivered, string destination, long waiting, long setAside, long evicted);
}
