using System.Buffers.Binary;
using System.Text;

namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>The type of a header's value, as its number in the format.</summary>
internal enum EventStreamHeaderType
{
    True = 0,
    False = 1,
    Byte = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    Bytes = 6,
    String = 7,

    /// <summary>Milliseconds since 1970, UTC.</summary>
    Timestamp = 8,
    Uuid = 9,
}

/// <summary>A header of a message.</summary>
/// <param name="Name">1 to 255 bytes of UTF-8.</param>
/// <param name="Type">What the value is.</param>
/// <param name="Value">The value as it travels, without its length; none for the two Booleans.</param>
internal readonly record struct EventStreamHeader(string Name, EventStreamHeaderType Type, ReadOnlyMemory<byte> Value)
{
    public static EventStreamHeader Of(string name, int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return new EventStreamHeader(name, EventStreamHeaderType.Int32, bytes);
    }

    public static EventStreamHeader Of(string name, string value) => new(name, EventStreamHeaderType.String, Encoding.UTF8.GetBytes(value));

    /// <summary>The value as a .NET value: bool, sbyte, short, int, long, byte[], string, DateTimeOffset or Guid.</summary>
    /// <exception cref="EventStreamException">It is none of its type.</exception>
    public object ToObject() => Type switch
    {
        EventStreamHeaderType.True => true,
        EventStreamHeaderType.False => false,
        EventStreamHeaderType.Byte => (sbyte)Value.Span[0],
        EventStreamHeaderType.Int16 => BinaryPrimitives.ReadInt16BigEndian(Value.Span),
        EventStreamHeaderType.Int32 => BinaryPrimitives.ReadInt32BigEndian(Value.Span),
        EventStreamHeaderType.Int64 => BinaryPrimitives.ReadInt64BigEndian(Value.Span),
        EventStreamHeaderType.Bytes => Value.ToArray(),
        EventStreamHeaderType.String => Utf8.Read(Value.Span, "a string"),
        EventStreamHeaderType.Timestamp => TimestampOf(BinaryPrimitives.ReadInt64BigEndian(Value.Span)),
        EventStreamHeaderType.Uuid => new Guid(Value.Span, bigEndian: true),
        _ => throw new EventStreamException($"a header has the unknown type {(int)Type}"),
    };

    private static DateTimeOffset TimestampOf(long milliseconds)
    {
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            throw new EventStreamException("a timestamp is out of the calendar");
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }
}

/// <summary>UTF-8 that must be right.</summary>
internal static class Utf8
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="EventStreamException">It is no UTF-8.</exception>
    public static string Read(ReadOnlySpan<byte> bytes, string what)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new EventStreamException($"{what} is not UTF-8");
        }
    }
}
