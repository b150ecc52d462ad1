using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeInference.Publishing.Tests.Webhook;

/// <summary>A web server on the loopback that gives every request one answer, or none. It keeps what it was sent.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly string? _answer;
    private readonly Task _loop;

    /// <param name="answer">The status and headers of every answer; null accepts requests and never answers.</param>
    /// <param name="tlsName">The name in a certificate that nobody has signed; null is plain HTTP.</param>
    public WebServer(string? answer, string? tlsName = null)
    {
        _answer = answer;
        _certificate = tlsName is null ? null : CreateCertificate(tlsName);
        _listener.Start();
        _loop = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"{(_certificate is null ? "http" : "https")}://localhost:{Port}";

    /// <summary>The requests, headers and body, in their order.</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Dispose();
        _certificate?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await ServeAsync(client.GetStream());
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client has gone, or refused the certificate.
            }
        }
    }

    private async Task ServeAsync(Stream connection)
    {
        if (_certificate is null)
        {
            await AnswerAsync(connection);
            return;
        }

        await using var tls = new SslStream(connection);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        await AnswerAsync(tls);
    }

    private async Task AnswerAsync(Stream stream)
    {
        while (await ReadRequestAsync(stream) is { } request)
        {
            Requests.Add(request);
            if (_answer is null)
                await Task.Delay(Timeout.Infinite, _stop.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {_answer}\r\nContent-Length: 0\r\n\r\n"), _stop.Token);
        }
    }

    private async Task<string?> ReadRequestAsync(Stream stream)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        int bodyBytes = -1;
        while (bodyBytes != 0)
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            text.Append((char)one[0]);
            if (bodyBytes > 0)
            {
                bodyBytes--;
            }
            else if (text.ToString() is var head && head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                string length = head.Split("\r\n").First(static line => line.StartsWith("Content-Length:", StringComparison.Ordinal));
                bodyBytes = int.Parse(length["Content-Length:".Length..], CultureInfo.InvariantCulture);
            }
        }

        return text.ToString();
    }

    private static X509Certificate2 CreateCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }
}
