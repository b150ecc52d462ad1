using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>The service manager's end of sd_notify: a Unix datagram socket, and the messages as they come.</summary>
internal sealed class NotifySocket : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];
    private readonly CancellationTokenSource _stop = new();

    // Generous: it only ends a test that hangs.
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(2));
    private readonly Task _receiving;

    /// <param name="path">A file, or with a '@' before it a name of the abstract namespace.</param>
    public NotifySocket(string path)
    {
        Path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        _receiving = ReceiveAsync();
    }

    public string Path { get; }

    /// <summary>The messages so far, without the status.</summary>
    public string[] Seen
    {
        get
        {
            lock (_seen)
                return [.. _seen.Where(static message => !message.StartsWith("STATUS=", StringComparison.Ordinal))];
        }
    }

    /// <summary>How many messages of this text there have been.</summary>
    public int Count(string text) => Seen.Count(message => message == text);

    public Dictionary<string, string> Environment(TimeSpan? watchdog = null)
    {
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = Path };
        if (watchdog is { } interval)
            environment["WATCHDOG_USEC"] = $"{interval.TotalMicroseconds}";
        return environment;
    }

    /// <summary>Waits for a message that begins with a text.</summary>
    public async Task<string> WaitForAsync(string text)
    {
        try
        {
            while (true)
            {
                string message = await _messages.Reader.ReadAsync(_deadline.Token);
                if (message.StartsWith(text, StringComparison.Ordinal))
                    return message;
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No '{text}' came, but: {string.Join(" | ", Seen)}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _stop.Dispose();
        _deadline.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                string message = Encoding.UTF8.GetString(buffer.AsSpan(0, length));
                lock (_seen)
                    _seen.Add(message);
                _messages.Writer.TryWrite(message);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
