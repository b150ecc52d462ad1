using System.Globalization;
using System.Net.Sockets;
using EdgeInference.Service.Logging;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace EdgeInference.Service.Tests.Logging;

/// <summary>Log messages of the usual kind, on their way to a journal that the test plays.</summary>
public sealed partial class JournalSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-inference-test-").FullName;
    private readonly Socket _journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
    private readonly ListSink _standardError = new();
    private readonly SerilogLoggerProvider _provider;
    private readonly Microsoft.Extensions.Logging.ILogger _log;

    public JournalSinkTests()
    {
        _journal.Bind(new UnixDomainSocketEndPoint(SocketPath));
        Logger logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new JournalSink(SocketPath, _standardError)).CreateLogger();
        _provider = new SerilogLoggerProvider(logger, dispose: true);
        _log = _provider.CreateLogger("EdgeInference.Streams.StreamWorker");
    }

    private string SocketPath => Path.Combine(_folder, "socket");

    public void Dispose()
    {
        _provider.Dispose();
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Emit_MessageOfAReport_HasFieldsToSelectBy()
    {
        var report = Guid.CreateVersion7();

        LogReport("line1", "frame 7: 2 objects", "vehicle-detection", report);

        Dictionary<string, string> fields = Receive();
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["MESSAGE"] = "line1: frame 7: 2 objects",
                ["PRIORITY"] = "6",
                ["SYSLOG_IDENTIFIER"] = "edge-inference",
                ["EVENT_ID"] = "9001",
                ["EVENT_NAME"] = "LogReport",
                ["CATEGORY"] = "EdgeInference.Streams.StreamWorker",
                ["STREAM"] = "line1",
                ["SUMMARY"] = "frame 7: 2 objects",
                ["MODEL"] = "vehicle-detection",
                ["REPORT_ID"] = report.ToString(),
            },
            fields);
        Assert.Empty(_standardError.Messages);
    }

    [Theory]
    [InlineData(LogLevel.Critical, "2")]
    [InlineData(LogLevel.Error, "3")]
    [InlineData(LogLevel.Warning, "4")]
    [InlineData(LogLevel.Information, "6")]
    [InlineData(LogLevel.Debug, "7")]
    [InlineData(LogLevel.Trace, "7")]
    public void Emit_Level_IsAPriority(LogLevel level, string priority)
    {
        LogMeasured(level, 0.5, 12);

        Dictionary<string, string> fields = Receive();
        Assert.Equal((priority, "0.5 of 12", "0.5", "12"), (fields["PRIORITY"], fields["MESSAGE"], fields["RATIO"], fields["COUNT"]));
    }

    [Fact]
    public void Emit_Exception_IsAFieldWithItsStack()
    {
        try
        {
            throw new InvalidOperationException("broken");
        }
        catch (InvalidOperationException exception)
        {
            LogDefect(exception, "line1");
        }

        Dictionary<string, string> fields = Receive();
        Assert.Equal("line1: ended (InvalidOperationException: broken)", fields["MESSAGE"]);
        Assert.Contains(nameof(Emit_Exception_IsAFieldWithItsStack), fields["EXCEPTION"], StringComparison.Ordinal);
    }

    [Fact]
    public void Emit_JournalIsAway_GoesToStandardErrorUntilItIsBack()
    {
        _journal.Dispose();
        File.Delete(SocketPath);

        LogMeasured(LogLevel.Information, 1, 1);

        Assert.Equal(["1 of 1"], _standardError.Messages);
        using var another = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        another.Bind(new UnixDomainSocketEndPoint(SocketPath));
        LogMeasured(LogLevel.Information, 2, 2);
        Assert.Equal("2 of 2", Receive(another)["MESSAGE"]);
        Assert.Single(_standardError.Messages);
    }

    /// <summary>The journal does not read: its queue is full after a while.</summary>
    [Fact]
    public void Emit_JournalDoesNotKeepUp_GoesToStandardErrorAndDoesNotHang()
    {
        while (_standardError.Messages.Count == 0)
            LogMeasured(LogLevel.Information, 1, 1);

        Assert.Equal("1 of 1", Receive()["MESSAGE"]);
    }

    [Fact]
    public void Emit_LongestEntry_FitsIntoADatagram()
    {
        string text = new('\n', 1 << 20);

        LogLong(text, text, text, text);

        Dictionary<string, string> fields = Receive();
        Assert.Equal(["A", "B", "C", "CATEGORY", "D", "EVENT_ID", "EVENT_NAME", "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"], fields.Keys.Order());
        Assert.Empty(_standardError.Messages);
    }

    private Dictionary<string, string> Receive() => Receive(_journal);

    private static Dictionary<string, string> Receive(Socket journal)
    {
        byte[] buffer = new byte[1 << 20];
        int length = journal.Receive(buffer);
        return new(JournalReader.Read(buffer.AsSpan(0, length)));
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Information, Message = "{Stream}: {Summary}")]
    private partial void LogReport(string stream, string summary, string model, Guid reportId);

    [LoggerMessage(EventId = 9002, Message = "{Ratio} of {Count}")]
    private partial void LogMeasured(LogLevel level, double ratio, int count);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Critical, Message = "{Stream}: ended")]
    private partial void LogDefect(Exception exception, string stream);

    [LoggerMessage(EventId = 9004, Level = LogLevel.Information, Message = "{A}{B}{C}{D}")]
    private partial void LogLong(string a, string b, string c, string d);

    private sealed class ListSink : ILogEventSink
    {
        public List<string> Messages { get; } = [];

        public void Emit(LogEvent logEvent) => Messages.Add(logEvent.RenderMessage(CultureInfo.InvariantCulture));
    }
}
