using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>An operation of the nucleus, with its arguments.</summary>
/// <param name="Operation">Its name, such as aws.greengrass#PublishToIoTCore.</param>
/// <param name="Body">The arguments, a JSON object.</param>
internal sealed record IpcRequest(string Operation, ReadOnlyMemory<byte> Body)
{
    public const string PublishToIoTCore = "aws.greengrass#PublishToIoTCore";
    public const string SubscribeToIoTCore = "aws.greengrass#SubscribeToIoTCore";

    // Escapes nothing but what JSON has to have escaped: small readers know no more.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IpcRequest Publish(string topic, ReadOnlyMemory<byte> payload, int qos) => new(PublishToIoTCore, Json(writer =>
    {
        writer.WriteString("topicName", topic);
        writer.WriteString("qos", qos == 0 ? "0" : "1");
        writer.WriteBase64String("payload", payload.Span);
    }));

    public static IpcRequest Subscribe(string topic) => new(SubscribeToIoTCore, Json(writer =>
    {
        writer.WriteString("topicName", topic);
        writer.WriteString("qos", "1");
    }));

    /// <summary>How many bytes it takes on the way.</summary>
    public int FrameBytes => EventStreamEncoder.SizeOf(ToMessage(0));

    public EventStreamMessage ToMessage(int stream) => new(
        [
            .. IpcHeaders.Common(IpcMessageType.ApplicationMessage, 0, stream),
            EventStreamHeader.Of("operation", Operation),
            EventStreamHeader.Of(IpcHeaders.ModelType, $"{Operation}Request"),
            EventStreamHeader.Of(IpcHeaders.ContentType, "application/json"),
        ],
        Body);

    /// <summary>What begins a connection.</summary>
    public static EventStreamMessage Connect(string token) => new(
        [.. IpcHeaders.Common(IpcMessageType.Connect, 0, 0), EventStreamHeader.Of(":version", "0.1.0")],
        Json(writer => writer.WriteString("authToken", token)));

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
