using System.Text.Json;

namespace EdgeInference.Publishing.Kinesis;

/// <summary>What Kinesis says to a PutRecords request: for each record, in order, whether it was put.</summary>
/// <param name="FirstFailed">Index of the first record that was not put; the number of records when all were.</param>
/// <param name="ErrorCode">Why that one was not; null when all were put.</param>
internal readonly record struct PutRecordsAnswer(int FirstFailed, string? ErrorCode)
{
    /// <param name="json">The answer's body.</param>
    /// <param name="records">How many records the request had.</param>
    /// <param name="destination">The name for the message.</param>
    /// <exception cref="PublishException">The answer is none of Kinesis: cut off, or of another server. Temporary.</exception>
    public static PutRecordsAnswer Parse(ReadOnlyMemory<byte> json, int records, string destination)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(json);
            return Read(answer.RootElement, records)
                ?? throw new PublishException(PublishFailure.Temporary, $"{destination} gave an answer that does not tell of {records} records");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is not UTF-8.
            throw new PublishException(PublishFailure.Temporary, $"{destination} gave an answer that is not the JSON of Kinesis", exception);
        }
    }

    private static PutRecordsAnswer? Read(JsonElement root, int records)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("Records"u8, out JsonElement list)
            || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() != records)
        {
            return null;
        }

        int at = 0;
        foreach (JsonElement record in list.EnumerateArray())
        {
            if (record.ValueKind != JsonValueKind.Object)
                return null;
            if (record.TryGetProperty("ErrorCode"u8, out JsonElement code) && code.ValueKind == JsonValueKind.String)
                return new PutRecordsAnswer(at, code.GetString());

            // Only the number tells that a record is in the stream.
            if (!record.TryGetProperty("SequenceNumber"u8, out JsonElement number) || number.ValueKind != JsonValueKind.String)
                return null;
            at++;
        }

        return new PutRecordsAnswer(records, null);
    }
}
