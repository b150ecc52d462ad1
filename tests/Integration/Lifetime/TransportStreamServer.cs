using System.Net;
using System.Net.Sockets;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>A network camera: serves a file over HTTP, then falls silent. Each connection is scripted.</summary>
internal sealed class TransportStreamServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _content;
    private readonly Queue<Answer> _script;
    private readonly Task _serving;
    private int _connections;

    public TransportStreamServer(byte[] content, params Answer[] script)
    {
        _content = content;
        _script = new Queue<Answer>(script);
        _listener.Start();
        _serving = ServeAsync();
    }

    public enum Answer
    {
        /// <summary>The content, then the connection is closed.</summary>
        ContentThenClose,

        /// <summary>The content, then silence.</summary>
        ContentThenSilence,

        NotFound,
    }

    public int Connections => Volatile.Read(ref _connections);

    public string Url(string userInfo) => $"http://{userInfo}@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/live.ts";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (_script.TryDequeue(out Answer answer))
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                await AnswerAsync(client.GetStream(), answer);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, Answer answer)
    {
        byte[] request = new byte[8192];
        int length = 0;
        while (request.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
            length += await stream.ReadAtLeastAsync(request.AsMemory(length), 1, throwOnEndOfStream: true, _stop.Token);
        if (answer == Answer.NotFound)
        {
            await stream.WriteAsync("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
            return;
        }

        await stream.WriteAsync("HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"u8.ToArray(), _stop.Token);
        await stream.WriteAsync(_content, _stop.Token);
        if (answer == Answer.ContentThenSilence)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
    }
}
