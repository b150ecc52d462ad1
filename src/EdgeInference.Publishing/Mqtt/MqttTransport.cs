using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>
/// Makes the stream that MQTT runs over: TCP, and TLS where wanted. MQTTnet could do it, but takes no intermediate client
/// certificates and tells less about what is wrong.
/// </summary>
internal static class MqttTransport
{
    public static async Task<Stream> ConnectAsync(MqttOptions options, MqttEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            string host = endpoint.Host.Trim('[', ']');
            await socket.ConnectAsync(host, endpoint.Port, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Stream stream = new NetworkStream(socket, ownsSocket: true);
        return endpoint.Tls ? await EncryptAsync(stream, options, endpoint, cancellationToken) : stream;
    }

    /// <summary>What protects a stream, for people.</summary>
    public static string Describe(Stream stream) => stream is SslStream tls
        ? tls.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2"
        : "no TLS";

    private static async Task<Stream> EncryptAsync(Stream stream, MqttOptions options, MqttEndpoint endpoint, CancellationToken cancellationToken)
    {
        string? fault = null;
        var tls = new TlsStream(stream);
        try
        {
            var authentication = new SslClientAuthenticationOptions
            {
                TargetHost = endpoint.Host.Trim('[', ']'),
                ClientCertificateContext = MqttFiles.ReadClientContext(options),
                ApplicationProtocols = endpoint.Alpn is { } alpn ? [new SslApplicationProtocol(alpn)] : null,
                CertificateChainPolicy = ChainPolicy(MqttFiles.ReadAuthorities(options)),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    (fault = BrokerCertificate.FindFault(endpoint.Host, certificate, chain, errors)) is null,
            };
            await tls.AuthenticateAsClientAsync(authentication, cancellationToken);
            return tls;
        }
        catch (Exception) when (fault is not null)
        {
            await tls.DisposeAsync();
            throw new MqttConnectException(new MqttTrouble(MqttTroubleKind.BrokerCertificate, fault));
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            await tls.DisposeAsync();
            throw new MqttConnectException(MqttTrouble.OfHandshake(exception));
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection authorities)
    {
        // Revocation lists are on servers that a device behind a firewall does not reach.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1", "Server Authentication"));
        if (authorities.Count == 0)
            return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (X509Certificate2 authority in authorities)
            (MqttFiles.IsRoot(authority) ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
        return policy;
    }
}

/// <summary>
/// Tells why a write has failed. With TLS 1.3 the handshake is over for us before the broker has looked at our certificate;
/// if it refuses that and closes, the next write fails with no word of it, while the reason waits to be read.
/// </summary>
internal sealed class TlsStream(Stream stream) : SslStream(stream)
{
    private static readonly TimeSpan AlertTimeout = TimeSpan.FromSeconds(1);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException exception)
        {
            if (await FindReasonAsync(cancellationToken) is { } reason)
                throw new IOException(exception.Message, reason);
            throw;
        }
    }

    private async Task<Exception?> FindReasonAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AlertTimeout);
        try
        {
            while (await ReadAsync(new byte[1], timeout.Token) > 0)
            {
                // What came before it does not matter: the connection is over.
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or NotSupportedException or InvalidOperationException)
        {
            // Where someone else reads at this moment, it is theirs to find.
            return exception is IOException ? exception : null;
        }
    }
}

/// <summary>Gives MQTTnet a stream that is there already.</summary>
internal sealed class ReadyStream(Stream stream) : IMqttClientStreamProvider
{
    public Task<Stream> ConnectAsync(EndPoint brokerEndPoint, CancellationToken cancellationToken) => Task.FromResult(stream);
}
