using System.Net;
using System.Net.Sockets;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>A loopback proxy in front of a server that does something at an exact moment of what is said, and then carries nothing more.</summary>
internal sealed class TrapProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly Func<Wire> _newWire;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
    private Trap? _trap;
    private long _sent;

    private TrapProxy(int serverPort, Func<Wire> newWire)
    {
        _serverPort = serverPort;
        _newWire = newWire;
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Requests or publications carried so far, all of each.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public static TrapProxy Run(int serverPort, Func<Wire> newWire)
    {
        var proxy = new TrapProxy(serverPort, newWire);
        proxy._listener.Start();
        proxy.Keep(proxy.AcceptAsync());
        return proxy;
    }

    /// <summary>At the next such moment: what comes before it is carried, <paramref name="strike"/> runs, and the connection ends.</summary>
    /// <returns>The moment, once it has come.</returns>
    public Task<WirePoint> Arm(WireMoment moment, Action strike)
    {
        var trap = new Trap(moment, strike);
        Volatile.Write(ref _trap, trap);
        return trap.Struck.Task;
    }

    public void Disarm() => Volatile.Write(ref _trap, null);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                Keep(CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The proxy ends.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                Wire wire = _newWire();
                Task toServer = PumpAsync(client.GetStream(), server.GetStream(), wire, isToServer: true);
                Task toClient = PumpAsync(server.GetStream(), client.GetStream(), wire, isToServer: false);
                await Task.WhenAny(toServer, toClient);
                client.Close();
                server.Close();
                await Task.WhenAll(toServer, toClient);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
            {
                // Either side is gone.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Wire wire, bool isToServer)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is > 0 and int count)
            {
                IReadOnlyList<WirePoint> points = isToServer ? wire.ToServer(buffer.AsSpan(0, count)) : wire.ToClient(buffer.AsSpan(0, count));
                if (Volatile.Read(ref _trap) is { } trap
                    && points.FirstOrDefault(point => point.Moment == trap.Moment) is { } point
                    && Interlocked.CompareExchange(ref _trap, null, trap) == trap)
                {
                    await to.WriteAsync(buffer.AsMemory(0, point.Offset), _stop.Token);
                    trap.Strike();
                    trap.Struck.SetResult(point);
                    return;
                }

                await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
                Interlocked.Add(ref _sent, points.Count(static point => point.Moment == WireMoment.Sent));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Either side is gone.
        }
    }

    private void Keep(Task task)
    {
        lock (_tasks)
            _tasks.Add(task);
    }

    private sealed record Trap(WireMoment Moment, Action Strike)
    {
        public TaskCompletionSource<WirePoint> Struck { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
