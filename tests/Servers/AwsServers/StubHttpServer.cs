using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeInference.TestServers;

/// <summary>
/// Answers with what a test says and keeps what it was asked: for faults that no real server produces when asked to
/// (throttling, half a batch, an answer that never comes), and to see requests as they are on the wire.
/// </summary>
internal sealed class StubHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Func<StubRequest, StubAnswer?> _answer;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="answer">Null: no answer comes, and the connection stays.</param>
    public StubHttpServer(Func<StubRequest, StubAnswer?> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public ConcurrentQueue<StubRequest> Requests { get; } = new();

    /// <summary>Completes when the first request is here.</summary>
    public Task Asked => _asked.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.TryAdd(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)), true);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await ReadRequestAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    StubAnswer? answer = _answer(request);
                    _asked.TrySetResult();
                    if (answer is null)
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                    string head = $"HTTP/1.1 {answer!.Status} Status\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {answer.Body.Length}\r\n{(answer.Header.Length == 0 ? "" : answer.Header + "\r\n")}\r\n";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
                    await stream.WriteAsync(answer.Body, _stop.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The server ends, or the client has gone.
            }
            catch (Exception exception)
            {
                _asked.TrySetException(exception);
                throw;
            }
        }
    }

    private async Task<StubRequest?> ReadRequestAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (!EndsHead(head))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = lines.Skip(1)
            .Select(static line => line.Split(':', 2))
            .ToDictionary(static parts => parts[0], static parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
        if (headers.ContainsKey("Expect"))
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new StubRequest(lines[0], headers, body);
    }

    private static bool EndsHead(List<byte> head) => head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';
}

internal sealed record StubRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body);

internal sealed record StubAnswer(int Status, byte[] Body, string ContentType)
{
    /// <summary>One more header, whole; empty for none.</summary>
    public string Header { get; init; } = "";

    public static StubAnswer Json(string body, int status = 200, string header = "") =>
        new(status, Encoding.UTF8.GetBytes(body), "application/x-amz-json-1.1") { Header = header };

    public static StubAnswer Xml(string body, int status) => new(status, Encoding.UTF8.GetBytes(body), "application/xml");
}
