namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>
/// Sizes of the event-stream format. All numbers in a message are big-endian: its length, the length of its headers, the CRC-32
/// of these two; the headers; the payload; the CRC-32 of all that.
/// </summary>
internal static class EventStreamFormat
{
    /// <summary>Both lengths, and their checksum.</summary>
    public const int PreludeBytes = 12;

    public const int ChecksumBytes = 4;

    /// <summary>Of a message with neither headers nor payload.</summary>
    public const int LeastBytes = PreludeBytes + ChecksumBytes;

    /// <summary>
    /// More is not taken. IoT Core has messages of 128 KiB; in base64 they are 175 kB, and topic and headers are below 4 KiB:
    /// this is half as much again.
    /// </summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>Of all headers together; the nucleus sends some hundred bytes.</summary>
    public const int MostHeaderBytes = 64 * 1024;

    /// <summary>What AWS's own library takes, too. A header of three bytes takes some sixty in memory.</summary>
    public const int MostHeaders = 1024;

    public const int MostNameBytes = byte.MaxValue;

    /// <summary>Its length has 16 bits, of which other implementations take 15.</summary>
    public const int MostValueBytes = short.MaxValue;

    /// <summary>The length of a value that always has the same; null for those that say it themselves.</summary>
    /// <exception cref="EventStreamException">There is no such type.</exception>
    public static int? ValueBytes(EventStreamHeaderType type) => type switch
    {
        EventStreamHeaderType.True or EventStreamHeaderType.False => 0,
        EventStreamHeaderType.Byte => 1,
        EventStreamHeaderType.Int16 => 2,
        EventStreamHeaderType.Int32 => 4,
        EventStreamHeaderType.Int64 or EventStreamHeaderType.Timestamp => 8,
        EventStreamHeaderType.Uuid => 16,
        EventStreamHeaderType.Bytes or EventStreamHeaderType.String => null,
        _ => throw new EventStreamException($"a header has the unknown type {(int)type}"),
    };
}
