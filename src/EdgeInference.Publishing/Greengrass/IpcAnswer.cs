using System.Text.Json;
using EdgeInference.Publishing.Greengrass.EventStream;
using EdgeInference.Publishing.Mqtt;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Reads what the nucleus sends on a stream.</summary>
internal static class IpcAnswer
{
    /// <summary>What an error message says.</summary>
    public static IpcException ErrorOf(EventStreamMessage message)
    {
        string? model = message.FindString(IpcHeaders.ModelType);
        (string? code, string? text) = ReadError(message.Payload);
        code = model is null ? code ?? "" : model[(model.IndexOf('#', StringComparison.Ordinal) + 1)..];
        return new IpcException(IpcFailure.Error, $"{(code.Length == 0 ? "an error" : code)}{MqttTrouble.Quote(text)}") { Code = code, Text = text ?? "" };
    }

    /// <summary>Whether it is what a subscription brings, and not an answer.</summary>
    public static bool IsMessage(EventStreamMessage message) => message.FindString(IpcHeaders.ModelType) == "aws.greengrass#IoTCoreMessage";

    /// <summary>The payload of an aws.greengrass#IoTCoreMessage; null where it is none.</summary>
    public static ReadOnlyMemory<byte>? PayloadOf(EventStreamMessage message) => PayloadOf(message, out _);

    /// <summary>The payload of an aws.greengrass#IoTCoreMessage, and whether the broker has it retained, of which nucleus lite does not tell.</summary>
    public static ReadOnlyMemory<byte>? PayloadOf(EventStreamMessage message, out bool isRetained)
    {
        isRetained = false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(message.Payload);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("message", out JsonElement inner) || inner.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            isRetained = inner.TryGetProperty("retain", out JsonElement retain) && retain.ValueKind == JsonValueKind.True;

            // A message without a payload has none here, or null.
            if (!inner.TryGetProperty("payload", out JsonElement payload) || payload.ValueKind == JsonValueKind.Null)
                return ReadOnlyMemory<byte>.Empty;

            // Spelled out: null would become an empty payload.
            return payload.ValueKind == JsonValueKind.String && payload.TryGetBytesFromBase64(out byte[]? bytes) ? new ReadOnlyMemory<byte>(bytes) : (ReadOnlyMemory<byte>?)null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What is no JSON is no message, and nothing depends on it.
            return null;
        }
    }

    private static (string? Code, string? Text) ReadError(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (Text(document, "_errorCode"), Text(document, "_message") ?? Text(document, "message"))
                : default;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The header alone says what it is then.
            return default;
        }
    }

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
