using System.Text;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Tests.Capture;

/// <summary>Keeps all that is logged, at every level, as text with one "Level: message" a line.</summary>
internal sealed class TextLoggers : ILoggerFactory, ILogger
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_lock)
                return _text.ToString();
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException(nameof(AddProvider));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
            _text.Append(logLevel).Append(": ").AppendLine(formatter(state, exception)).Append(exception);
    }

    public void Dispose()
    {
    }
}
