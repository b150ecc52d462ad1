using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>Makes bytes of a message.</summary>
internal static class EventStreamEncoder
{
    /// <exception cref="EventStreamException">A name or a value does not fit into the format.</exception>
    public static byte[] Encode(EventStreamMessage message)
    {
        int headerBytes = message.Headers.Sum(SizeOf);
        byte[] bytes = new byte[EventStreamFormat.LeastBytes + headerBytes + message.Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), headerBytes);
        WriteChecksum(bytes, 8);
        Span<byte> rest = bytes.AsSpan(EventStreamFormat.PreludeBytes);
        foreach (EventStreamHeader header in message.Headers)
            rest = Write(header, rest);
        message.Payload.Span.CopyTo(rest);
        WriteChecksum(bytes, bytes.Length - EventStreamFormat.ChecksumBytes);
        return bytes;
    }

    /// <summary>How long the message becomes.</summary>
    /// <exception cref="EventStreamException">A name or a value does not fit into the format.</exception>
    public static int SizeOf(EventStreamMessage message) => EventStreamFormat.LeastBytes + message.Headers.Sum(SizeOf) + message.Payload.Length;

    private static int SizeOf(EventStreamHeader header)
    {
        int name = Encoding.UTF8.GetByteCount(header.Name);
        if (name is 0 or > EventStreamFormat.MostNameBytes)
            throw new EventStreamException($"the name of a header has {name} bytes, not 1 to {EventStreamFormat.MostNameBytes}");
        int value = header.Value.Length;
        int? fixedBytes = EventStreamFormat.ValueBytes(header.Type);
        if (fixedBytes is { } exact && value != exact)
            throw new EventStreamException($"the value of the header {header.Name} has {value} bytes, not {exact}");
        if (value > EventStreamFormat.MostValueBytes)
            throw new EventStreamException($"the value of the header {header.Name} has {value} bytes, more than {EventStreamFormat.MostValueBytes}");
        return 1 + name + 1 + (fixedBytes is null ? sizeof(ushort) : 0) + value;
    }

    private static Span<byte> Write(EventStreamHeader header, Span<byte> target)
    {
        int name = Encoding.UTF8.GetBytes(header.Name, target[1..]);
        target[0] = (byte)name;
        target = target[(1 + name)..];
        target[0] = (byte)header.Type;
        target = target[1..];
        if (EventStreamFormat.ValueBytes(header.Type) is null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)header.Value.Length);
            target = target[sizeof(ushort)..];
        }

        header.Value.Span.CopyTo(target);
        return target[header.Value.Length..];
    }

    private static void WriteChecksum(byte[] bytes, int at) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), Crc32.HashToUInt32(bytes.AsSpan(0, at)));
}
