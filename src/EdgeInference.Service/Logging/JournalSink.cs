using System.Net.Sockets;
using Serilog.Core;
using Serilog.Events;

namespace EdgeInference.Service.Logging;

/// <summary>
/// Writes log events to the journal. One that it does not take, while journald is away or does not keep up, goes to standard
/// error instead.
/// </summary>
internal sealed class JournalSink(string path, ILogEventSink standardError) : ILogEventSink, IDisposable
{
    // What logs must not wait for the log; this is for a moment in which many streams write at once.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = (int)Patience.TotalMilliseconds };
    private readonly UnixDomainSocketEndPoint _journal = new(path);

    public void Emit(LogEvent logEvent)
    {
        if (!TrySend(JournalFormat.CreateEntry(logEvent)))
            standardError.Emit(logEvent);
    }

    public void Dispose()
    {
        _socket.Dispose();
        (standardError as IDisposable)?.Dispose();
    }

    private bool TrySend(JournalEntry entry)
    {
        try
        {
            // Not connected: a journald that was started anew may have another socket.
            _socket.SendTo(entry.Bytes.Span, _journal);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
