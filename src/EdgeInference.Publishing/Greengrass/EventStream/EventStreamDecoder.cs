using System.Buffers.Binary;
using System.IO.Hashing;

namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>What a message begins with, checked.</summary>
/// <param name="TotalBytes">Of the whole message.</param>
/// <param name="HeaderBytes">Of its headers together.</param>
internal readonly record struct EventStreamPrelude(int TotalBytes, int HeaderBytes);

/// <summary>Makes messages of bytes. Whatever the bytes are, only <see cref="EventStreamException"/> is thrown.</summary>
internal static class EventStreamDecoder
{
    /// <summary>Reads the first 12 bytes. Nothing may be allocated by their word before that.</summary>
    /// <exception cref="EventStreamException">They are damaged, or announce more than is taken.</exception>
    public static EventStreamPrelude ReadPrelude(ReadOnlySpan<byte> bytes)
    {
        uint total = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint headers = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) != Crc32.HashToUInt32(bytes[..8]))
            throw new EventStreamException("the checksum of a message's beginning is wrong");
        if (total < EventStreamFormat.LeastBytes)
            throw new EventStreamException($"a message says that it has {total} bytes, less than {EventStreamFormat.LeastBytes}");
        if (total > EventStreamFormat.MostBytes)
            throw new EventStreamException($"a message says that it has {total} bytes, more than {EventStreamFormat.MostBytes}");
        if (headers > EventStreamFormat.MostHeaderBytes)
            throw new EventStreamException($"a message says that it has {headers} bytes of headers, more than {EventStreamFormat.MostHeaderBytes}");
        if (headers > total - EventStreamFormat.LeastBytes)
            throw new EventStreamException($"a message of {total} bytes says that it has {headers} bytes of headers");
        return new EventStreamPrelude((int)total, (int)headers);
    }

    /// <summary>Reads a whole message, of which the parts of the result are.</summary>
    /// <exception cref="EventStreamException">It is damaged.</exception>
    public static EventStreamMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < EventStreamFormat.LeastBytes)
            throw new EventStreamException($"a message has {bytes.Length} bytes, less than {EventStreamFormat.LeastBytes}");
        EventStreamPrelude prelude = ReadPrelude(bytes.Span);
        if (prelude.TotalBytes != bytes.Length)
            throw new EventStreamException($"a message of {bytes.Length} bytes says that it has {prelude.TotalBytes}");
        ReadOnlyMemory<byte> content = bytes[..^EventStreamFormat.ChecksumBytes];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[content.Length..]) != Crc32.HashToUInt32(content.Span))
            throw new EventStreamException("the checksum of a message is wrong");
        content = content[EventStreamFormat.PreludeBytes..];
        return new EventStreamMessage(ReadHeaders(content[..prelude.HeaderBytes]), content[prelude.HeaderBytes..]);
    }

    private static List<EventStreamHeader> ReadHeaders(ReadOnlyMemory<byte> bytes)
    {
        var headers = new List<EventStreamHeader>();
        while (!bytes.IsEmpty)
        {
            if (headers.Count == EventStreamFormat.MostHeaders)
                throw new EventStreamException($"a message has more than {EventStreamFormat.MostHeaders} headers");
            int nameBytes = Take(ref bytes, 1).Span[0];
            if (nameBytes == 0)
                throw new EventStreamException("a header has no name");
            string name = Utf8.Read(Take(ref bytes, nameBytes).Span, "the name of a header");
            var type = (EventStreamHeaderType)Take(ref bytes, 1).Span[0];
            int valueBytes = EventStreamFormat.ValueBytes(type) ?? BinaryPrimitives.ReadUInt16BigEndian(Take(ref bytes, sizeof(ushort)).Span);
            if (valueBytes > EventStreamFormat.MostValueBytes)
                throw new EventStreamException($"the value of a header has {valueBytes} bytes, more than {EventStreamFormat.MostValueBytes}");
            headers.Add(new EventStreamHeader(name, type, Take(ref bytes, valueBytes)));
        }

        return headers;
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> bytes, int count)
    {
        if (bytes.Length < count)
            throw new EventStreamException("the headers of a message end in the middle of one");
        ReadOnlyMemory<byte> taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }
}
