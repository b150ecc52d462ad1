using System.Globalization;
using EdgeInference.Service.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace EdgeInference.Service.Tests.Logging;

public sealed partial class RepeatLimitTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ListSink _sink = new();
    private readonly SerilogLoggerProvider _provider;
    private readonly Microsoft.Extensions.Logging.ILogger _log;

    public RepeatLimitTests()
    {
        Logger logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new RepeatLimit(_sink, _time)).CreateLogger();
        _provider = new SerilogLoggerProvider(logger, dispose: true);
        _log = _provider.CreateLogger("test");
    }

    public void Dispose() => _provider.Dispose();

    [Fact]
    public void Emit_UpToTheLimit_LetsAllThroughAndAddsNothing()
    {
        for (int i = 0; i < RepeatLimit.Most; i++)
            LogRefused("line1", "Kinesis", i);
        _time.Advance(RepeatLimit.Window * 2);

        Assert.Equal(RepeatLimit.Most, _sink.Messages.Count);
        Assert.Equal("line1: Kinesis refused 29", _sink.Messages[^1]);
    }

    [Fact]
    public void Emit_BeyondTheLimit_IsCountedAndSaidOnce()
    {
        for (int i = 0; i < RepeatLimit.Most + 5; i++)
            LogRefused("line1", "Kinesis", i);
        Assert.Equal(RepeatLimit.Most, _sink.Messages.Count);

        _time.Advance(RepeatLimit.Window * 2);

        Assert.Equal(RepeatLimit.Most + 1, _sink.Messages.Count);
        Assert.Equal("5 more messages like this within 10 minutes were left out: line1: Kinesis refused 0", _sink.Messages[^1]);
        LogRefused("line1", "Kinesis", 99);
        Assert.Equal("line1: Kinesis refused 99", _sink.Messages[^1]);
    }

    [Fact]
    public void Emit_AFlood_DoesNotCostOtherMessages()
    {
        for (int i = 0; i < 1000; i++)
            LogRefused("line1", "Kinesis", i);
        int before = _sink.Messages.Count;

        LogRefused("line2", "Kinesis", 1);
        LogRefused("line1", "S3", 1);
        LogLost("line1");

        Assert.Equal(before + 3, _sink.Messages.Count);
    }

    [Fact]
    public void Emit_ReportsAndDebugMessages_HaveNoLimit()
    {
        for (int i = 0; i < 1000; i++)
        {
            LogReport("line1", "frame");
            LogDetail("line1");
        }

        Assert.Equal(2000, _sink.Messages.Count);
    }

    [Fact]
    public void Dispose_SomeWereLeftOut_SaysSo()
    {
        for (int i = 0; i < RepeatLimit.Most + 1; i++)
            LogRefused("line1", "Kinesis", i);

        _provider.Dispose();

        Assert.StartsWith("1 more messages like this", _sink.Messages[^1], StringComparison.Ordinal);
    }

    [LoggerMessage(EventId = 9101, Level = LogLevel.Error, Message = "{Stream}: {Publisher} refused {Report}")]
    private partial void LogRefused(string stream, string publisher, int report);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Warning, Message = "{Stream}: lost")]
    private partial void LogLost(string stream);

    [LoggerMessage(EventId = 3100, Level = LogLevel.Information, Message = "{Stream}: {Summary}")]
    private partial void LogReport(string stream, string summary);

    [LoggerMessage(EventId = 9103, Level = LogLevel.Debug, Message = "{Stream}: detail")]
    private partial void LogDetail(string stream);

    private sealed class ListSink : ILogEventSink
    {
        private static readonly MessageTemplateTextFormatter Format = new("{Message:lj}", CultureInfo.InvariantCulture);

        public List<string> Messages { get; } = [];

        public void Emit(LogEvent logEvent)
        {
            using var writer = new StringWriter(CultureInfo.InvariantCulture);
            Format.Format(logEvent, writer);
            Messages.Add(writer.ToString());
        }
    }
}
