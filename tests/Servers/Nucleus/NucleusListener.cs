using System.Net.Sockets;

namespace EdgeInference.TestServers;

/// <summary>What a stopped nucleus leaves of its socket.</summary>
internal enum NucleusSocket
{
    /// <summary>No file.</summary>
    Gone,

    /// <summary>The file, and nobody who listens.</summary>
    Refusing,

    /// <summary>Clients connect and get no word, as long as systemd holds the socket of a nucleus that starts again.</summary>
    Silent,
}

/// <summary>The socket that clients connect to, in the states that a nucleus leaves it in.</summary>
internal sealed class NucleusListener(string path, Action<Socket> serve) : IAsyncDisposable
{
    private const int Backlog = 10;

    private CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
    private Socket? _socket;
    private bool _listens;

    public void Start()
    {
        _stop = new CancellationTokenSource();
        if (!_listens)
        {
            _socket?.Dispose();
            _socket = Bind();
            _socket.Listen(Backlog);
            _listens = true;
        }

        _accepting = AcceptAsync(_socket!, _stop.Token);
    }

    /// <summary>Takes no client any more.</summary>
    public async Task StopAsync(NucleusSocket left)
    {
        await _stop.CancelAsync();
        await _accepting;
        if (left == NucleusSocket.Silent)
            return;
        _socket?.Dispose();
        _listens = false;
        _socket = left == NucleusSocket.Refusing ? Bind() : null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(NucleusSocket.Gone);
        _stop.Dispose();
        File.Delete(path);
    }

    private Socket Bind()
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private async Task AcceptAsync(Socket socket, CancellationToken stop)
    {
        try
        {
            while (true)
                serve(await socket.AcceptAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The nucleus stops.
        }
    }
}
