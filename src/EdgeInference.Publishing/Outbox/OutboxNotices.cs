using System.Globalization;
using System.Text;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// What the outbox itself has to report to each stream's topic: that it was damaged, and what it evicted. A notice goes
/// out with the next report of its stream; evictions are summed up, and told at most once a minute, then after two, four and
/// so on up to a day while they go on: on a box that is cut off for a year, that leaves room for reports. Used by one thread.
/// </summary>
internal sealed class OutboxNotices(TimeProvider time)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    private readonly Dictionary<string, Queue<string>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EvictionSum> _evictions = new(StringComparer.Ordinal);
    private readonly List<(string Stream, string Text)> _taken = [];

    public void AddToAll(IEnumerable<string> streams, string text)
    {
        foreach (string stream in streams.Distinct(StringComparer.Ordinal))
            Add(stream, text);
    }

    /// <param name="stream">Whose reports were evicted.</param>
    /// <param name="lost">How many for each publisher.</param>
    /// <param name="reason">Why.</param>
    /// <returns>The notice that is due; null when it is too soon for one.</returns>
    public string? AddEviction(string stream, IEnumerable<KeyValuePair<string, long>> lost, string reason)
    {
        if (!_evictions.TryGetValue(stream, out EvictionSum? sum))
            _evictions.Add(stream, sum = new EvictionSum());
        foreach ((string publisher, long reports) in lost)
            sum.Lost[publisher] = sum.Lost.GetValueOrDefault(publisher) + reports;
        sum.Reason = reason;
        return AddDue(stream);
    }

    /// <summary>Evictions that it was too soon to tell are told later, also where no more follow.</summary>
    /// <returns>The notice that is due; null when there is none.</returns>
    public string? AddDue(string stream)
    {
        if (!_evictions.TryGetValue(stream, out EvictionSum? sum) || sum.Lost.Count == 0)
            return null;
        TimeSpan? sinceLast = sum.LastTold is { } last ? time.GetElapsedTime(last) : null;
        if (sinceLast < sum.Interval)
            return null;
        sum.Interval = sinceLast < 2 * sum.Interval ? TimeSpan.FromTicks(Math.Min(2 * sum.Interval.Ticks, LongestInterval.Ticks)) : ShortestInterval;
        string counts = string.Join(", ", sum.Lost.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value}")));
        string notice = $"Outbox: oldest reports were evicted before they were delivered ({counts}), because {sum.Reason}";
        sum.LastTold = time.GetTimestamp();
        sum.Lost.Clear();
        Add(stream, notice);
        return notice;
    }

    /// <summary>What has not been told yet, and now will not be.</summary>
    public IEnumerable<(string Stream, string Notice)> TakeRest()
    {
        foreach ((string stream, EvictionSum sum) in _evictions)
        {
            sum.LastTold = null;
            if (AddDue(stream) is { } notice)
                yield return (stream, notice);
        }
    }

    /// <summary>The notice that goes out with a report, as a message to the same topic, once the commit of both is confirmed; null when there is none.</summary>
    public Report? Take(Report report)
    {
        if (!_waiting.TryGetValue(report.Stream, out Queue<string>? texts) || !texts.TryDequeue(out string? text))
            return null;
        _taken.Add((report.Stream, text));
        DateTimeOffset now = time.GetUtcNow();
        return report with
        {
            Id = Guid.CreateVersion7(now),
            Kind = ReportKind.Lifecycle,
            Timestamp = now,
            Payload = Encoding.UTF8.GetBytes(text),
            Summary = text,
            Jpeg = null,
        };
    }

    /// <summary>The notices taken are committed.</summary>
    public void Confirm() => _taken.Clear();

    /// <summary>The notices taken are not committed.</summary>
    public void PutBack()
    {
        foreach ((string stream, string text) in _taken)
            Add(stream, text);
        _taken.Clear();
    }

    private void Add(string stream, string text)
    {
        if (!_waiting.TryGetValue(stream, out Queue<string>? texts))
            _waiting.Add(stream, texts = new Queue<string>());
        texts.Enqueue(text);
    }

    private sealed class EvictionSum
    {
        public SortedDictionary<string, long> Lost { get; } = new(StringComparer.Ordinal);

        public string Reason { get; set; } = "";

        public long? LastTold { get; set; }

        /// <summary>How long after it the next one may be told.</summary>
        public TimeSpan Interval { get; set; } = ShortestInterval;
    }
}
