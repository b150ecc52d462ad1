using EdgeInference.Service.Reloading;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace EdgeInference.Service.Logging;

/// <summary>
/// Lets through so many messages of one kind about one thing in a while, and then says how many it has left out. A last
/// resort: whoever logs says once what lasts, but what fails in a new way every second must not fill the disk of a box that
/// nobody visits, nor have journald drop the messages of others.
/// </summary>
internal sealed class RepeatLimit : ILogEventSink, IDisposable
{
    /// <summary>Messages of a kind within <see cref="Window"/>.</summary>
    public const int Most = 30;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // Reports (EdgeInference.Publishing.Log.LogPublisher), which are to be logged as often as they are wanted, and what somebody waits for.
    private static readonly int[] Unlimited = [3100, ConfigurationReload.RefusedEventId];

    private static readonly MessageTemplate Summary = new MessageTemplateParser().Parse("{Count} more messages like this within {Minutes} minutes were left out: {Message}");

    private readonly ILogEventSink _inner;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<Kind, Series> _series = [];

    public RepeatLimit(ILogEventSink inner, TimeProvider time)
    {
        _inner = inner;
        _time = time;
        _timer = time.CreateTimer(_ => EndSeries(static (series, now) => series.End <= now), state: null, Window / 10, Window / 10);
    }

    public void Emit(LogEvent logEvent)
    {
        if (IsWithinLimit(logEvent))
            _inner.Emit(logEvent);
    }

    /// <summary>Says what is still to be said.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        EndSeries(static (_, _) => true);
        (_inner as IDisposable)?.Dispose();
    }

    private bool IsWithinLimit(LogEvent log)
    {
        if (log.Level < LogEventLevel.Information || EventIdOf(log) is not { } id || Unlimited.Contains(id))
            return true;
        var kind = new Kind(id, TextOf(log, "Stream"), TextOf(log, "Publisher"));
        lock (_lock)
        {
            if (!_series.TryGetValue(kind, out Series? series))
                _series.Add(kind, series = new Series(log, _time.GetTimestamp() + (long)(Window.TotalSeconds * _time.TimestampFrequency)));
            return ++series.Count <= Most;
        }
    }

    private void EndSeries(Func<Series, long, bool> isOver)
    {
        KeyValuePair<Kind, Series>[] ended;
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            ended = [.. _series.Where(pair => isOver(pair.Value, now))];
            foreach ((Kind kind, _) in ended)
                _series.Remove(kind);
        }

        foreach ((_, Series series) in ended)
        {
            if (series.Count > Most)
                _inner.Emit(Summarize(series));
        }
    }

    /// <summary>Has all properties of the first one, so that it is found by the same fields.</summary>
    private LogEvent Summarize(Series series) => new(
        _time.GetLocalNow(),
        series.First.Level,
        exception: null,
        Summary,
        [
            .. series.First.Properties.Where(static property => property.Key is not ("Count" or "Minutes" or "Message")).Select(static property => new LogEventProperty(property.Key, property.Value)),
            new LogEventProperty("Count", new ScalarValue(series.Count - Most)),
            new LogEventProperty("Minutes", new ScalarValue((int)Window.TotalMinutes)),
            new LogEventProperty("Message", new ScalarValue(JournalFormat.MessageOf(series.First))),
        ]);

    private static int? EventIdOf(LogEvent log) =>
        log.Properties.TryGetValue("EventId", out LogEventPropertyValue? value) && value is StructureValue identity
            && identity.Properties.FirstOrDefault(static part => part.Name == "Id")?.Value is ScalarValue { Value: int id } ? id : null;

    private static string? TextOf(LogEvent log, string property) =>
        log.Properties.TryGetValue(property, out LogEventPropertyValue? value) && value is ScalarValue { Value: string text } ? text : null;

    private readonly record struct Kind(int EventId, string? Stream, string? Publisher);

    /// <summary>Messages of one kind since the first.</summary>
    private sealed class Series(LogEvent first, long end)
    {
        public LogEvent First => first;

        public long End => end;

        public int Count { get; set; }
    }
}
