using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>A network camera: plays a video round and round, at its own rate, to whoever connects.</summary>
internal sealed class Camera : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _video;
    private readonly Task _serving;

    private Camera(string video)
    {
        _video = video;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static Camera Run(string video) => new(video);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(PlayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task PlayAsync(TcpClient client)
    {
        using TcpClient _ = client;
        using Process ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            ["-nostdin", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", _video, "-c", "copy", "-f", "mpegts", "pipe:1"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        try
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"u8.ToArray(), _stop.Token);
            await ffmpeg.StandardOutput.BaseStream.CopyToAsync(stream, 4096, _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
        finally
        {
            ffmpeg.Kill();
        }
    }
}
