using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Values of the header :message-type.</summary>
internal enum IpcMessageType
{
    ApplicationMessage = 0,
    ApplicationError = 1,
    Ping = 2,
    PingResponse = 3,
    Connect = 4,
    ConnectAck = 5,
    ProtocolError = 6,
    ServerError = 7,
}

/// <summary>The headers that make messages out of the format's.</summary>
internal static class IpcHeaders
{
    public const string ModelType = "service-model-type";
    public const string ContentType = ":content-type";

    /// <summary>Of :message-flags.</summary>
    public const int ConnectionAccepted = 1;
    public const int TerminateStream = 2;

    private const string Type = ":message-type";
    private const string Flags = ":message-flags";
    private const string Stream = ":stream-id";

    public static IEnumerable<EventStreamHeader> Common(IpcMessageType type, int flags, int stream) =>
        [EventStreamHeader.Of(Type, (int)type), EventStreamHeader.Of(Flags, flags), EventStreamHeader.Of(Stream, stream)];

    /// <summary>Ends a stream.</summary>
    public static EventStreamMessage Terminate(int stream) => new([.. Common(IpcMessageType.ApplicationMessage, TerminateStream, stream)], default);

    /// <summary>The answer to a ping has its payload and its own headers.</summary>
    public static EventStreamMessage PingResponse(EventStreamMessage ping) => new(
        [
            .. Common(IpcMessageType.PingResponse, 0, 0),
            .. ping.Headers.Where(static header => !header.Name.StartsWith(':')),
        ],
        ping.Payload);

    /// <exception cref="EventStreamException">One of them is missing.</exception>
    public static (IpcMessageType Type, int Flags, int Stream) Read(EventStreamMessage message) =>
        ((IpcMessageType)Need(message, Type), Need(message, Flags), Need(message, Stream));

    private static int Need(EventStreamMessage message, string name) =>
        message.FindInt32(name) ?? throw new EventStreamException($"a message has no header {name}, or one that is no number");
}
