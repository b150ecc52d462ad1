using Microsoft.Extensions.Logging;

namespace EdgeInference.Capture;

/// <summary>A log whose every entry carries the name of a stream, on whatever thread it is written.</summary>
internal sealed class StreamLogger(ILogger inner, string stream) : ILogger
{
    private readonly KeyValuePair<string, object>[] _scope = [new("Stream", stream)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        using (inner.BeginScope(_scope))
            inner.Log(logLevel, eventId, state, exception, formatter);
    }
}
