using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeInference.Tests.Capture;

/// <summary>Serves one video on loopback to those who know the password, with byte ranges.</summary>
internal sealed class HttpVideoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _video;
    private readonly string _authorization;
    private readonly Task _serving;

    private HttpVideoServer(byte[] video, string userAndPassword)
    {
        _video = video;
        _authorization = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(userAndPassword));
        _listener.Start();
        _serving = ServeAsync();
    }

    public string HostAndPort => _listener.LocalEndpoint.ToString()!;

    public static HttpVideoServer Start(byte[] video, string userAndPassword) => new(video, userAndPassword);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        try
        {
            while (true)
                answers.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
                List<string> lines = [];
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
                    lines.Add(line);
                await client.GetStream().WriteAsync(MakeAnswer(lines), _stop.Token);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // The client has seen enough, or the test is over.
            }
        }
    }

    private byte[] MakeAnswer(List<string> request)
    {
        if (!string.Equals(ValueOf(request, "Authorization"), _authorization, StringComparison.Ordinal))
            return Encoding.ASCII.GetBytes("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        int from = ValueOf(request, "Range") is { } range
            ? int.Parse(range["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture)
            : 0;
        string head =
            $"HTTP/1.1 206 Partial Content\r\nContent-Type: video/mp4\r\nAccept-Ranges: bytes\r\nConnection: close\r\n"
            + $"Content-Range: bytes {from}-{_video.Length - 1}/{_video.Length}\r\nContent-Length: {_video.Length - from}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. _video[from..]];
    }

    private static string? ValueOf(List<string> request, string header) =>
        request.Find(line => line.StartsWith(header + ": ", StringComparison.OrdinalIgnoreCase))?[(header.Length + 2)..];
}
