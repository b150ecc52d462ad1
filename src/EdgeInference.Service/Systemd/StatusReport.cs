using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;

namespace EdgeInference.Service.Systemd;

/// <summary>Tells the service manager in one line how the service is: every few seconds, and when a stream begins or ceases to run.</summary>
internal sealed class StatusReport(ServiceNotifier notifier, DeliveryService deliveries, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private string? _streams;
    private long _told;
    private Dictionary<string, long> _inferred = new(StringComparer.Ordinal);
    private double _framesPerSecond;
    private OutboxBacklog _backlog = OutboxBacklog.None;
    private Task<OutboxBacklog>? _reading;

    public void Look(IReadOnlyList<StreamView> streams)
    {
        string now = StatusLine.OfStreams(streams);
        bool isDue = _streams is null || time.GetElapsedTime(_told) >= Interval;
        if (!isDue && now == _streams)
            return;
        if (isDue)
            Measure(streams);
        _streams = now;
        notifier.Status(now + StatusLine.OfRate(_framesPerSecond) + StatusLine.OfDelivery(_backlog, deliveries.Failing, time.GetUtcNow()));
    }

    /// <summary>What the streams have done since the last time, and what waits.</summary>
    private void Measure(IReadOnlyList<StreamView> streams)
    {
        // A stream that was started anew counts from nought.
        long frames = streams.Sum(stream => stream.Inferred - Math.Min(stream.Inferred, _inferred.GetValueOrDefault(stream.Name)));
        if (_streams is not null)
            _framesPerSecond = frames / time.GetElapsedTime(_told).TotalSeconds;
        _told = time.GetTimestamp();
        _inferred = streams.ToDictionary(static stream => stream.Name, static stream => stream.Inferred, StringComparer.Ordinal);
        ReadBacklog();
    }

    /// <summary>Does not wait for the outbox, whose disk may be slow: what it answers is told the next time.</summary>
    private void ReadBacklog()
    {
        if (_reading is { IsCompleted: false })
            return;
        _reading = ReadAsync();

        async Task<OutboxBacklog> ReadAsync()
        {
            try
            {
                return _backlog = await deliveries.ReadBacklogAsync();
            }
            catch (Exception exception) when (exception is OutboxException or ObjectDisposedException)
            {
                // The outbox says itself what is wrong with it.
                return _backlog;
            }
        }
    }
}
