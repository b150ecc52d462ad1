using EdgeInference.Capture;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Tests.Capture;

public sealed class StreamLoggerTests
{
    [Fact]
    public void Log_AnyMessage_IsInAScopeWithTheStream()
    {
        var inner = new ScopeLogger();
        var logger = new StreamLogger(inner, "line1");

        logger.Log(LogLevel.Warning, new EventId(7), "state", exception: null, static (state, _) => state);

        Assert.Equal(("state", "line1"), inner.Logged);
        Assert.Null(inner.Stream);
    }

    private sealed class ScopeLogger : ILogger, IDisposable
    {
        public string? Stream { get; private set; }

        public (string Message, string? Stream) Logged { get; private set; }

        public IDisposable BeginScope<TState>(TState state)
            where TState : notnull
        {
            Stream = (string)Assert.Single(Assert.IsAssignableFrom<IEnumerable<KeyValuePair<string, object>>>(state), static pair => pair.Key == "Stream").Value;
            return this;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Logged = (formatter(state, exception), Stream);

        public void Dispose() => Stream = null;
    }
}
