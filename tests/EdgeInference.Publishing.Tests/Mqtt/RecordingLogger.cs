using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Tests.Mqtt;

internal sealed record LogLine(int EventId, LogLevel Level, string Message, Exception? Exception);

/// <summary>Keeps every line, of every level.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly List<LogLine> _lines = [];
    private readonly SemaphoreSlim _added = new(0);

    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>The first line of an event after the <paramref name="seen"/> first ones; waits for it, half a minute at most.</summary>
    public async Task<LogLine> WaitAsync(int eventId, int seen = 0)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Lines.Where(line => line.EventId == eventId).ElementAtOrDefault(seen) is { } found)
                return found;
            try
            {
                await _added.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"No event {eventId} in half a minute, only:\n{string.Join('\n', Lines)}", exception);
            }
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add(new LogLine(eventId.Id, logLevel, formatter(state, exception), exception));
        _added.Release();
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
