using System.Net;
using System.Net.Sockets;

namespace EdgeInference.TestSupport;

/// <summary>A loopback proxy in front of a server, with a network's troubles at hand.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
    private readonly List<Link> _links = [];
    private TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _toServer;
    private long _toClient;

    private TcpProxy(int serverPort)
    {
        _serverPort = serverPort;
        _resumed.SetResult();
    }

    public int Port { get; private set; }

    /// <summary>Bytes carried so far, over all connections.</summary>
    public long BytesToServer => Interlocked.Read(ref _toServer);

    public long BytesToClient => Interlocked.Read(ref _toClient);

    /// <summary>Connections accepted so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Connections are accepted and then nothing happens on them.</summary>
    public bool StallNew { get; set; }

    /// <summary>What the server sends is thrown away.</summary>
    public bool DropToClient { get; set; }

    /// <summary>Called with each piece before it is carried on; false cuts the connection instead.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? WatchToServer { get; set; }

    public static TcpProxy Run(int serverPort)
    {
        var proxy = new TcpProxy(serverPort);
        proxy._listener.Start();
        proxy.Port = ((IPEndPoint)proxy._listener.LocalEndpoint).Port;
        proxy.Keep(proxy.AcceptAsync(proxy._listener));
        return proxy;
    }

    public bool IsPaused => !_resumed.Task.IsCompleted;

    /// <summary>Carries nothing on until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        if (_resumed.Task.IsCompleted)
            _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Resume() => _resumed.TrySetResult();

    /// <summary>Ends all connections and refuses new ones, as a machine does whose server is down.</summary>
    public void Close()
    {
        _listener.Stop();
        Cut();
    }

    /// <summary>Accepts connections again, on the same port.</summary>
    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        Keep(AcceptAsync(_listener));
    }

    /// <summary>Ends all connections at once.</summary>
    public void Cut()
    {
        lock (_links)
        {
            foreach (Link link in _links)
                link.Dispose();
            _links.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        Resume();
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                var link = new Link(client, new TcpClient());
                lock (_links)
                    _links.Add(link);
                if (!StallNew)
                    Keep(CarryAsync(link));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy is closed, or ends.
        }
    }

    private async Task CarryAsync(Link link)
    {
        try
        {
            await link.Server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
            await Task.WhenAny(
                PumpAsync(link.Client.GetStream(), link.Server.GetStream(), isToServer: true),
                PumpAsync(link.Server.GetStream(), link.Client.GetStream(), isToServer: false));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone, or cut.
        }
        finally
        {
            link.Dispose();
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool isToServer)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is > 0 and { } count)
            {
                await _resumed.Task.WaitAsync(_stop.Token);
                if (isToServer && WatchToServer?.Invoke(buffer.AsMemory(0, count)) == false)
                    return;
                if (!isToServer && DropToClient)
                    continue;

                // Before that: its receiver may be quick, and then it is asked how many there were.
                Interlocked.Add(ref isToServer ? ref _toServer : ref _toClient, count);
                await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Either side is gone, or cut.
        }
    }

    private void Keep(Task task)
    {
        lock (_tasks)
            _tasks.Add(task);
    }

    private sealed record Link(TcpClient Client, TcpClient Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
