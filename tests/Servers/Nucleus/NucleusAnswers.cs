using System.Text;
using System.Text.Json;

namespace EdgeInference.TestServers;

/// <summary>What a nucleus says.</summary>
internal static class NucleusAnswers
{
    public const int ApplicationMessage = 0;
    public const int ApplicationError = 1;
    public const int Ping = 2;
    public const int PingResponse = 3;
    public const int Connect = 4;
    public const int ConnectAck = 5;
    public const int ProtocolError = 6;

    public const int Accepted = 1;
    public const int EndsStream = 2;

    public const string Model = "aws.greengrass#";

    private const string Json = "application/json";

    public static NucleusFrame Ack(bool isAccepted) => Of(ConnectAck, isAccepted ? Accepted : 0, 0, [], []);

    public static NucleusFrame Pong(NucleusFrame ping) =>
        Of(PingResponse, 0, 0, [.. ping.Headers.Where(static header => !header.Name.StartsWith(':'))], ping.Payload);

    /// <summary>The answer to an operation.</summary>
    public static NucleusFrame Response(int stream, string operation, bool endsStream) =>
        Of(ApplicationMessage, endsStream ? EndsStream : 0, stream, Typed(operation + "Response"), "{}"u8.ToArray());

    /// <summary>A message to a subscriber.</summary>
    public static NucleusFrame Event(int stream, string topic, byte[] payload) => Of(
        ApplicationMessage,
        0,
        stream,
        Typed(Model + "IoTCoreMessage"),
        JsonSerializer.SerializeToUtf8Bytes(new { message = new { topicName = topic, payload = Convert.ToBase64String(payload) } }));

    /// <summary>Ends a stream, with nothing in it.</summary>
    public static NucleusFrame End(int stream) => Of(ApplicationMessage, EndsStream, stream, [], []);

    /// <summary>An error of the service's model.</summary>
    public static NucleusFrame Error(NucleusKind kind, int stream, string code, string message)
    {
        byte[] payload = kind == NucleusKind.Lite
            ? JsonSerializer.SerializeToUtf8Bytes(new { _message = message, _errorCode = code })
            : JsonSerializer.SerializeToUtf8Bytes(new { message, _service = "aws.greengrass#GreengrassCoreIPC", _message = message, _errorCode = code });
        return Of(ApplicationError, EndsStream, stream, Typed(Model + code), payload);
    }

    /// <summary>What a classic nucleus answers when it fails itself: an error without a type, in plain text.</summary>
    public static NucleusFrame InternalError(int stream) =>
        Of(ApplicationError, EndsStream, stream, [NucleusHeader.Of(":content-type", "text/plain")], "InternalServerError"u8.ToArray());

    /// <summary>What a classic nucleus says before it closes.</summary>
    public static NucleusFrame Protest(string reason) =>
        Of(ProtocolError, 0, 0, [NucleusHeader.Of(":content-type", Json)], Encoding.UTF8.GetBytes($"{{ \"message\": \"{reason}\" }}"));

    public static NucleusFrame Of(int type, int flags, int stream, IReadOnlyList<NucleusHeader> more, byte[] payload) => new(
        [NucleusHeader.Of(":message-type", type), NucleusHeader.Of(":message-flags", flags), NucleusHeader.Of(":stream-id", stream), .. more], payload);

    private static NucleusHeader[] Typed(string type) => [NucleusHeader.Of(":content-type", Json), NucleusHeader.Of("service-model-type", type)];
}
