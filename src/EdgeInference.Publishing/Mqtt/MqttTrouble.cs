using System.Net.Sockets;
using System.Text.RegularExpressions;
using EdgeInference.Publishing.Connections;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>What kind of trouble a connection has. A change of it is worth a line in the log.</summary>
internal enum MqttTroubleKind
{
    /// <summary>It may go by itself: no network, a broker that restarts.</summary>
    Away,

    /// <summary>A file that the options name cannot be used.</summary>
    LocalFile,

    /// <summary>The broker's certificate is not to be trusted.</summary>
    BrokerCertificate,

    /// <summary>The broker does not want us: certificate, user, password, client name.</summary>
    Refused,
}

/// <summary>Why there is no connection. <paramref name="Reason"/> is one line for people; it holds no secrets and nothing that a library wrote.</summary>
internal sealed partial record MqttTrouble(MqttTroubleKind Kind, string Reason) : IConnectionTrouble
{
    private const int MaxQuoteLength = 200;

    /// <summary>Set where the broker has ended the connection with this MQTT 5 reason.</summary>
    public MqttDisconnectReasonCode? DisconnectReason { get; init; }

    /// <summary>Publications that waited for their confirmation when the connection ended; those without any (QoS 0) that were sent before count as one more.</summary>
    public int Unconfirmed { get; init; }

    /// <summary>Closed without a word.</summary>
    public static MqttTrouble Closed { get; } = new(MqttTroubleKind.Away, "the connection was closed");

    int IConnectionTrouble.KindNumber => (int)Kind;

    public bool NeedsPerson => Kind != MqttTroubleKind.Away;

    /// <summary>What an exception of the socket, the TLS layer or the MQTT library means.</summary>
    public static MqttTrouble Of(Exception exception)
    {
        if (FindAlert(exception) is { } alert)
            return alert;
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is MqttClientUnexpectedDisconnectReceivedException disconnect)
                return OfDisconnect(disconnect.ReasonCode ?? MqttDisconnectReasonCode.UnspecifiedError, disconnect.ReasonString);
        }

        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException socket:
                    return new MqttTrouble(MqttTroubleKind.Away, Describe(socket.SocketErrorCode));
                case MqttCommunicationTimedOutException or TimeoutException or OperationCanceledException:
                    return new MqttTrouble(MqttTroubleKind.Away, "it does not answer");
                case MqttProtocolViolationException:
                    return new MqttTrouble(MqttTroubleKind.Away, "its answer is not MQTT as expected; is this the port of an MQTT broker?");
            }
        }

        return Closed;
    }

    /// <summary>What it means that a TLS handshake has failed, other than by the broker's certificate.</summary>
    public static MqttTrouble OfHandshake(Exception exception) =>
        FindAlert(exception) ?? new MqttTrouble(MqttTroubleKind.Away, "the TLS handshake failed; does the broker speak TLS on this port?");

    /// <summary>What the broker's refusal of a connection means.</summary>
    public static MqttTrouble OfRefusal(MqttClientConnectResultCode code, string? brokersReason)
    {
        (MqttTroubleKind kind, string reason) = code switch
        {
            MqttClientConnectResultCode.BadUserNameOrPassword => (MqttTroubleKind.Refused, "it refuses the user name or password"),
            MqttClientConnectResultCode.NotAuthorized => (MqttTroubleKind.Refused, "it does not authorise this client: check user, password, certificate and client name"),
            MqttClientConnectResultCode.ClientIdentifierNotValid => (MqttTroubleKind.Refused, "it refuses the client name (ClientId)"),
            MqttClientConnectResultCode.Banned => (MqttTroubleKind.Refused, "it has banned this client"),
            MqttClientConnectResultCode.BadAuthenticationMethod => (MqttTroubleKind.Refused, "it wants another way of authentication"),
            MqttClientConnectResultCode.UnsupportedProtocolVersion => (MqttTroubleKind.Refused, "it does not speak this version of MQTT: try the other one (Protocol)"),
            MqttClientConnectResultCode.RetainNotSupported => (MqttTroubleKind.Refused, "it keeps no retained messages, which StatusTopic needs"),
            MqttClientConnectResultCode.QoSNotSupported => (MqttTroubleKind.Refused, "it has no QoS 1, which StatusTopic needs"),
            MqttClientConnectResultCode.TopicNameInvalid => (MqttTroubleKind.Refused, "it refuses the topic of StatusTopic"),
            MqttClientConnectResultCode.ServerUnavailable or MqttClientConnectResultCode.ServerBusy => (MqttTroubleKind.Away, "it is busy or not available"),
            MqttClientConnectResultCode.QuotaExceeded or MqttClientConnectResultCode.ConnectionRateExceeded => (MqttTroubleKind.Away, "it has too many connections"),
            MqttClientConnectResultCode.UseAnotherServer or MqttClientConnectResultCode.ServerMoved => (MqttTroubleKind.Refused, "it wants this client to use another server"),
            _ => (MqttTroubleKind.Away, $"it refuses the connection with code 0x{(int)code:X2}"),
        };
        return new MqttTrouble(kind, reason + Quote(brokersReason));
    }

    /// <summary>What it means that the broker has ended a connection, with a reason.</summary>
    public static MqttTrouble OfDisconnect(MqttDisconnectReasonCode code, string? brokersReason)
    {
        (MqttTroubleKind kind, string reason) = code switch
        {
            MqttDisconnectReasonCode.NormalDisconnection => (MqttTroubleKind.Away, "it ended the connection"),
            MqttDisconnectReasonCode.NotAuthorized => (MqttTroubleKind.Refused, "it ended the connection: not authorised"),
            MqttDisconnectReasonCode.SessionTakenOver => (MqttTroubleKind.Refused, "another client of the same name took the connection over: each needs a ClientId of its own"),
            MqttDisconnectReasonCode.ServerShuttingDown => (MqttTroubleKind.Away, "it is shutting down"),
            MqttDisconnectReasonCode.ServerBusy => (MqttTroubleKind.Away, "it ended the connection: busy"),
            MqttDisconnectReasonCode.KeepAliveTimeout => (MqttTroubleKind.Away, "it ended the connection: it heard nothing from here"),
            MqttDisconnectReasonCode.PacketTooLarge => (MqttTroubleKind.Away, "it ended the connection: a report is too large"),
            MqttDisconnectReasonCode.TopicNameInvalid => (MqttTroubleKind.Away, "it ended the connection: it refuses a topic"),
            MqttDisconnectReasonCode.PayloadFormatInvalid => (MqttTroubleKind.Away, "it ended the connection: it refuses the form of a report"),
            MqttDisconnectReasonCode.RetainNotSupported => (MqttTroubleKind.Refused, "it ended the connection: it keeps no retained messages; set Retain to false, and no StatusTopic"),
            MqttDisconnectReasonCode.QoSNotSupported => (MqttTroubleKind.Refused, "it ended the connection: it has no QoS 1; set Qos to 0, and no StatusTopic"),
            MqttDisconnectReasonCode.MessageRateTooHigh => (MqttTroubleKind.Away, "it ended the connection: too many reports a second"),
            MqttDisconnectReasonCode.QuotaExceeded => (MqttTroubleKind.Away, "it ended the connection: a quota is exceeded"),
            MqttDisconnectReasonCode.AdministrativeAction => (MqttTroubleKind.Away, "its operator ended the connection"),
            _ => (MqttTroubleKind.Away, $"it ended the connection with code 0x{(int)code:X2}"),
        };
        return new MqttTrouble(kind, reason + Quote(brokersReason)) { DisconnectReason = code };
    }

    /// <summary>A text of the broker, made fit for a line of the log; empty where there is none.</summary>
    public static string Quote(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "";
        string line = string.Concat(text.Take(MaxQuoteLength).Select(static letter => char.IsControl(letter) ? ' ' : letter));
        return $" ('{line.Trim()}')";
    }

    /// <summary>The alert is in the text of OpenSSL's error only, which is the innermost.</summary>
    private static MqttTrouble? FindAlert(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (TlsAlert().Match(cause.Message) is { Success: true } alert)
                return OfAlert(alert.Groups["alert"].Value);
        }

        return null;
    }

    private static MqttTrouble OfAlert(string alert) => alert.Trim() switch
    {
        "certificate required" => Refused("it requires a client certificate (CertificateFile, KeyFile)"),
        "handshake failure" => Refused("it refused the TLS handshake; it may require a client certificate (CertificateFile, KeyFile)"),
        "unknown ca" => Refused("it refuses the client certificate: it does not know the authority that signed it"),
        "certificate expired" => Refused("it refuses the client certificate: expired"),
        "certificate revoked" => Refused("it refuses the client certificate: revoked"),
        "bad certificate" or "certificate unknown" or "unsupported certificate" or "access denied" => Refused("it refuses the client certificate"),
        "no application protocol" => Refused("it does not know the protocol that the TLS handshake names (Alpn)"),
        "protocol version" => Refused("it speaks neither TLS 1.2 nor TLS 1.3"),
        "unrecognized name" => Refused("it does not know its host name"),
        string other => new MqttTrouble(MqttTroubleKind.Away, $"it ended the TLS handshake with the alert '{other}'"),
    };

    private static MqttTrouble Refused(string reason) => new(MqttTroubleKind.Refused, reason);

    private static string Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.NoData => "its host name is not known",
        SocketError.TryAgain => "its host name cannot be looked up",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown => "there is no way through the network to it",
        SocketError.TimedOut => "it does not answer",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => Closed.Reason,
        _ => $"the network failed with {error}",
    };

    [GeneratedRegex(@"SSL routines:[^:]*:(?:ssl|tls)v[0-9]+ (?:alert )?(?<alert>[a-z ]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TlsAlert();
}

/// <summary>An attempt to connect has failed.</summary>
internal sealed class MqttConnectException(MqttTrouble trouble) : Exception(trouble.Reason)
{
    public MqttTrouble Trouble { get; } = trouble;
}
