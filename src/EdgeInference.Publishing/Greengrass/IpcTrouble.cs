using System.Net.Sockets;
using EdgeInference.Publishing.Connections;
using EdgeInference.Publishing.Greengrass.EventStream;
using EdgeInference.Publishing.Mqtt;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>What kind of trouble a connection has. A change of it is worth a line in the log.</summary>
internal enum IpcTroubleKind
{
    /// <summary>It may go by itself: a nucleus that restarts, or is busy.</summary>
    Away,

    /// <summary>It closes the connection with no answer to the token: it does not know it, or it is just stopping, or has too many clients.</summary>
    Closes,

    /// <summary>It says that it does not take the token.</summary>
    Refuses,

    /// <summary>This is no nucleus, or one that speaks otherwise, or the socket cannot be used.</summary>
    Unusable,
}

/// <summary>Why there is no connection. <paramref name="Reason"/> is one line for people, without secrets.</summary>
internal sealed record IpcTrouble(IpcTroubleKind Kind, string Reason) : IConnectionTrouble
{
    public static IpcTrouble Closed { get; } = new(IpcTroubleKind.Away, "it closed the connection");

    public static IpcTrouble ClosedUnanswered { get; } = new(IpcTroubleKind.Closes, "it closes the connection without an answer to the token (SVCUID)");

    public static IpcTrouble Stopping { get; } = new(IpcTroubleKind.Away, "the service is stopping");

    int IConnectionTrouble.KindNumber => (int)Kind;

    public bool NeedsPerson => Kind != IpcTroubleKind.Away;

    /// <summary>What an exception of the socket or of the format means.</summary>
    public static IpcTrouble Of(Exception exception) => exception switch
    {
        IpcConnectException { Trouble: var trouble } => trouble,
        EventStreamException { IsCutOff: true } => Closed,
        EventStreamException => new IpcTrouble(IpcTroubleKind.Unusable, $"it does not speak as a nucleus does: {exception.Message}"),
        ArgumentException => new IpcTrouble(IpcTroubleKind.Unusable, $"the path in {NucleusEnvironment.SocketVariable} cannot be that of a socket"),
        SocketException socket => OfSocket(socket.SocketErrorCode),
        IOException { InnerException: SocketException socket } => OfSocket(socket.SocketErrorCode),
        _ => Closed,
    };

    /// <summary>What it means that the nucleus has ended the connection with a message.</summary>
    public static IpcTrouble OfLastWord(string text) => new(IpcTroubleKind.Away, $"it ended the connection with an error{MqttTrouble.Quote(text)}");

    private static IpcTrouble OfSocket(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => new IpcTrouble(IpcTroubleKind.Away, "nobody listens at its socket"),
        SocketError.AddressNotAvailable or SocketError.InvalidArgument or SocketError.HostNotFound => new IpcTrouble(IpcTroubleKind.Away, "its socket is not there"),
        SocketError.AccessDenied => new IpcTrouble(IpcTroubleKind.Unusable, "this user may not use its socket"),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => Closed,
        _ => new IpcTrouble(IpcTroubleKind.Away, $"its socket failed with {error}"),
    };
}

/// <summary>An attempt to connect has failed.</summary>
internal sealed class IpcConnectException(IpcTrouble trouble) : Exception(trouble.Reason)
{
    public IpcTrouble Trouble { get; } = trouble;
}
