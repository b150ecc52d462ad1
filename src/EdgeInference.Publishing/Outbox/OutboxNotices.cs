using System.Text;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// What the outbox itself has to report to each stream's topic: that it was damaged, and what it evicted. Both are in the
/// file until they go out, with the next report of their stream. Evictions are summed up, and told at most once a minute,
/// then after two, four and so on up to a day while they go on: on a box that is cut off for a year, that leaves room for
/// reports. Used by one thread.
/// </summary>
internal sealed class OutboxNotices(TimeProvider time)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    private readonly Dictionary<string, Evictions> _evictions = new(StringComparer.Ordinal);

    // The streams that may have notices in the file, so that it is not asked for each report. One whose notices are taken
    // stays: their commit may fail.
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    /// <summary>Looks for what is to be told: in a file that is begun with, and now and then.</summary>
    public void Find(OutboxStore store)
    {
        _waiting.Clear();
        _waiting.UnionWith(store.FindNotices());
        AddEvictions(store.FindUntold());
    }

    /// <param name="streams">Whose reports were evicted.</param>
    public void AddEvictions(IEnumerable<string> streams)
    {
        foreach (string stream in streams)
        {
            if (!_evictions.TryGetValue(stream, out Evictions? evictions))
                _evictions.Add(stream, evictions = new Evictions());
            evictions.AreUntold = true;
        }
    }

    /// <summary>Makes the notices of evictions that are due, also where no more follow.</summary>
    public IEnumerable<(string Stream, string Notice)> TellEvictions(OutboxStore store)
    {
        foreach ((string stream, Evictions evictions) in _evictions)
        {
            TimeSpan? sinceLast = evictions.LastTold is { } last ? time.GetElapsedTime(last) : null;
            if (!evictions.AreUntold || sinceLast < evictions.Interval)
                continue;
            string? notice = store.InTransaction(durable: false, () => store.TellEvictions(stream));
            evictions.AreUntold = false;

            // Where what was evicted has arrived after all.
            if (notice is null)
                continue;
            evictions.Interval = sinceLast < 2 * evictions.Interval
                ? TimeSpan.FromTicks(Math.Min(2 * evictions.Interval.Ticks, LongestInterval.Ticks))
                : ShortestInterval;
            evictions.LastTold = time.GetTimestamp();
            _waiting.Add(stream);
            yield return (stream, notice);
        }
    }

    /// <summary>The notices that go out with a report, as messages to the same topic; they leave the file as they join the reports.</summary>
    public IEnumerable<Report> Take(OutboxStore store, Report report)
    {
        if (!_waiting.Contains(report.Stream))
            return [];
        DateTimeOffset now = time.GetUtcNow();
        return store.TakeNotices(report.Stream).Select(text => report with
        {
            Id = Guid.CreateVersion7(now),
            Kind = ReportKind.Lifecycle,
            Timestamp = now,
            Payload = Encoding.UTF8.GetBytes(text),
            Summary = text,
            Jpeg = null,
        });
    }

    private sealed class Evictions
    {
        public bool AreUntold { get; set; }

        public long? LastTold { get; set; }

        /// <summary>How long after it the next ones may be told.</summary>
        public TimeSpan Interval { get; set; } = ShortestInterval;
    }
}
