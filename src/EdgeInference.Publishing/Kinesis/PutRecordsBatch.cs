using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EdgeInference.Publishing.Kinesis;

/// <summary>The records of one PutRecords request. Sizes are those that Kinesis counts: data and partition keys, before base64.</summary>
internal sealed class PutRecordsBatch(string streamName, string? explicitHashKey)
{
    public const int MaxRecords = 500;
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>Kinesis takes 5 MiB, but one shard no more than this in a second; and a request of which nothing more arrives is noticed the later, the larger it is.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly List<(string PartitionKey, ReadOnlyMemory<byte> Data)> _records = new(MaxRecords);
    private int _bytes;

    public int Count => _records.Count;

    public static int SizeOf(string partitionKey, ReadOnlyMemory<byte> data) => Encoding.UTF8.GetByteCount(partitionKey) + data.Length;

    public void Clear()
    {
        _records.Clear();
        _bytes = 0;
    }

    /// <summary>False when the record must wait for the next request.</summary>
    public bool TryAdd(string partitionKey, ReadOnlyMemory<byte> data)
    {
        int size = SizeOf(partitionKey, data);
        if (_records.Count == MaxRecords || _bytes + size > MaxBytes)
            return false;
        _records.Add((partitionKey, data));
        _bytes += size;
        return true;
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>((_bytes * 4 / 3) + (_records.Count * 128) + 128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("StreamName"u8, streamName);
            json.WriteStartArray("Records"u8);
            foreach ((string partitionKey, ReadOnlyMemory<byte> data) in _records)
            {
                json.WriteStartObject();
                json.WriteBase64String("Data"u8, data.Span);
                json.WriteString("PartitionKey"u8, partitionKey);
                if (explicitHashKey is not null)
                    json.WriteString("ExplicitHashKey"u8, explicitHashKey);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
