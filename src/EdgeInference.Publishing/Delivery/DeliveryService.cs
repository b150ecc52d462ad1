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
public sealed partial class DeliveryService(
    ReportOutbox outbox, IReadOnlyList<DurablePublisher> publishers, TimeProvider time, ILogger<DeliveryService> logger) : BackgroundService
{
    // What has made no progress for so long is left to the next start.
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _logger = logger;
    private IReadOnlyList<DeliveryLoop> _loops = [];
    private bool _isStuck;

    /// <summary>Opens the outbox, if anybody needs it.</summary>
    /// <exception cref="OutboxException">It cannot be used.</exception>
    public void Open()
    {
        if (publishers.Count == 0)
            return;
        outbox.Open([.. publishers.Select(static publisher => new OutboxReader(publisher.Key, publisher.Publisher.WantsMessages))]);
        _loops =
        [
            .. outbox.Cursors.Join(
                publishers,
                static cursor => cursor.Key,
                static publisher => publisher.Key,
                (cursor, publisher) => new DeliveryLoop(cursor, publisher.Publisher, new RetryBackoff(), time, logger)),
        ];
    }

    /// <summary>Waits until everything is delivered, or nothing has been for some seconds.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        (long Position, long Since) progress = (-1, 0);
        while (_loops.Any(static loop => !loop.IsUpToDate))
        {
            long position = _loops.Sum(static loop => loop.Position);
            if (position != progress.Position)
                progress = (position, time.GetTimestamp());
            else if (_isStuck || time.GetElapsedTime(progress.Since) > DrainDeadline)
            {
                _isStuck = true;
                return;
            }

            await Task.Delay(DrainPoll, time, cancellationToken);
        }
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
        foreach (DurablePublisher publisher in publishers)
            await publisher.Publisher.DisposeAsync();
        await LogOutcomeAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_loops.Select(loop => loop.RunAsync(stoppingToken)));

    private async Task LogOutcomeAsync(CancellationToken cancellationToken)
    {
        if (_loops.Count == 0)
            return;
        Dictionary<CursorKey, DeliveryLoop> loops = _loops.ToDictionary(static loop => loop.Key);
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
