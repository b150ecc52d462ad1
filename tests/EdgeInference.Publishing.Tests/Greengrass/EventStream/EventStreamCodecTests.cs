using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Tests.Greengrass.EventStream;

/// <summary>
/// The bytes were put together by hand by the rules of the format; the checksums are those of zlib's crc32, which shares no code
/// with ours. The first one is also the shortest message of the format's own test data.
/// </summary>
public sealed class EventStreamCodecTests
{
    private const string Empty =
        """
        00 00 00 10    # 16 bytes in all: 12 before, 4 behind
        00 00 00 00    # no headers
        05 c2 48 eb    # crc32 of the 8 bytes above
        7d 98 c8 ff    # crc32 of the 12 bytes above
        """;

    private const string PayloadAlone =
        """
        00 00 00 12    # 16 + 2
        00 00 00 00
        7f 02 1b 8b
        7b 7d          # {}
        2f 92 61 fa
        """;

    private const string Connect =
        """
        00 00 00 69                                             # 105 = 16 + 72 + 17
        00 00 00 48                                             # 72 = 19 + 20 + 16 + 17
        89 07 03 f7
        0d 3a 6d 65 73 73 61 67 65 2d 74 79 70 65               # 13 letters, ":message-type"
        04 00 00 00 04                                          # an int32: 4
        0e 3a 6d 65 73 73 61 67 65 2d 66 6c 61 67 73            # 14 letters, ":message-flags"
        04 00 00 00 00
        0a 3a 73 74 72 65 61 6d 2d 69 64                        # 10 letters, ":stream-id"
        04 00 00 00 00
        08 3a 76 65 72 73 69 6f 6e                              # 8 letters, ":version"
        07 00 05 30 2e 31 2e 30                                 # a string of 5 bytes: "0.1.0"
        7b 22 61 75 74 68 54 6f 6b 65 6e 22 3a 22 54 22 7d      # {"authToken":"T"}
        13 32 33 21
        """;

    private const string EveryType =
        """
        00 00 00 5e                                             # 94 = 16 + 78
        00 00 00 4e                                             # 78 = 3 + 3 + 4 + 5 + 7 + 11 + 7 + 8 + 11 + 19
        73 65 c2 54
        01 74 00                                                # t: true
        01 66 01                                                # f: false
        01 62 02 ff                                             # b: a byte, -1
        01 73 03 ff fe                                          # s: an int16, -2
        01 69 04 00 00 01 02                                    # i: an int32, 258
        01 6c 05 ff ff ff ff ff ff ff fd                        # l: an int64, -3
        01 79 06 00 02 01 02                                    # y: 2 bytes
        01 7a 07 00 03 68 c3 a9                                 # z: a string of 3 bytes, "h" and U+00E9
        01 6d 08 00 00 00 00 00 00 03 e8                        # m: a time, 1000 ms after 1970
        01 75 09 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f # u: a UUID
        df 7f 26 c4
        """;

    [Theory]
    [InlineData(Empty, 0, "")]
    [InlineData(PayloadAlone, 0, "{}")]
    [InlineData(Connect, 4, """{"authToken":"T"}""")]
    public void Decode_LiteralBytes_AreTheMessage(string bytes, int headers, string payload)
    {
        EventStreamMessage message = EventStreamDecoder.Decode(LiteralBytes.Of(bytes));

        Assert.Equal(headers, message.Headers.Count);
        Assert.Equal(payload, Encoding.UTF8.GetString(message.Payload.Span));
    }

    [Fact]
    public void Encode_ConnectMessage_IsTheLiteralBytes()
    {
        var message = new EventStreamMessage(
            [
                EventStreamHeader.Of(":message-type", 4),
                EventStreamHeader.Of(":message-flags", 0),
                EventStreamHeader.Of(":stream-id", 0),
                EventStreamHeader.Of(":version", "0.1.0"),
            ],
            """{"authToken":"T"}"""u8.ToArray());

        Assert.Equal(LiteralBytes.Of(Connect), EventStreamEncoder.Encode(message));
        Assert.Equal(105, EventStreamEncoder.SizeOf(message));
    }

    [Fact]
    public void Decode_EveryType_HasTheValues()
    {
        EventStreamMessage message = EventStreamDecoder.Decode(LiteralBytes.Of(EveryType));

        Assert.Equal("tfbsilyzmu", string.Concat(message.Headers.Select(static header => header.Name)));
        Assert.Equal(
            [
                true, false, (sbyte)-1, (short)-2, 258, -3L, new byte[] { 1, 2 }, "h\u00e9",
                new DateTimeOffset(1970, 1, 1, 0, 0, 1, TimeSpan.Zero), new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"),
            ],
            message.Headers.Select(static header => header.ToObject()));
        Assert.Equal(LiteralBytes.Of(EveryType), EventStreamEncoder.Encode(message));
    }

    [Fact]
    public void Find_OtherTypeOrName_IsNull()
    {
        EventStreamMessage message = EventStreamDecoder.Decode(LiteralBytes.Of(EveryType));

        Assert.Equal(258, message.FindInt32("i"));
        Assert.Equal("h\u00e9", message.FindString("z"));
        Assert.Null(message.FindInt32("z"));
        Assert.Null(message.FindString("i"));
        Assert.Null(message.FindInt32("x"));
    }

    [Fact]
    public void Find_NameTwice_IsTheFirst()
    {
        var message = new EventStreamMessage([EventStreamHeader.Of("a", 1), EventStreamHeader.Of("a", 2)], default);

        Assert.Equal(1, EventStreamDecoder.Decode(EventStreamEncoder.Encode(message)).FindInt32("a"));
    }

    [Fact]
    public void Decode_AnyByteChanged_IsRefused()
    {
        byte[] bytes = LiteralBytes.Of(EveryType);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;

            Assert.Throws<EventStreamException>(() => EventStreamDecoder.Decode(damaged));
        }
    }

    [Fact]
    public void Decode_AnyLengthButItsOwn_IsRefused()
    {
        byte[] bytes = LiteralBytes.Of(Connect);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<EventStreamException>(() => EventStreamDecoder.Decode(bytes.AsMemory(0, length)));

        Assert.Throws<EventStreamException>(() => EventStreamDecoder.Decode((byte[])[.. bytes, 0]));
    }

    [Theory]
    [InlineData(15u, 0u, "less than 16")]
    [InlineData(0u, 0u, "less than 16")]
    [InlineData(262_145u, 0u, "more than 262144")]
    [InlineData(uint.MaxValue, 0u, "more than 262144")]
    [InlineData(0x8000_0010u, 0u, "more than 262144")]
    [InlineData(262_144u, 65_537u, "65537 bytes of headers")]
    [InlineData(20u, 5u, "5 bytes of headers")]
    [InlineData(16u, uint.MaxValue, "bytes of headers")]
    public void ReadPrelude_LengthsOutOfBounds_AreRefused(uint total, uint headers, string reason)
    {
        var exception = Assert.Throws<EventStreamException>(() => EventStreamDecoder.ReadPrelude(Prelude(total, headers)));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16u, 0u)]
    [InlineData(20u, 4u)]
    [InlineData(262_144u, 65_536u)]
    public void ReadPrelude_LengthsAtTheBounds_AreTaken(uint total, uint headers) =>
        Assert.Equal(new EventStreamPrelude((int)total, (int)headers), EventStreamDecoder.ReadPrelude(Prelude(total, headers)));

    [Theory]
    [InlineData("00 61 00", "no name")]
    [InlineData("01 ff 00", "not UTF-8")]
    [InlineData("01 61 0a", "unknown type 10")]
    [InlineData("01 61 ff", "unknown type 255")]
    [InlineData("01 61", "in the middle")]
    [InlineData("02 61", "in the middle")]
    [InlineData("01 61 04 00 00 00", "in the middle")]
    [InlineData("01 61 07 00 02 61", "in the middle")]
    [InlineData("01 61 07 00", "in the middle")]
    [InlineData("01 61 07 80 00", "more than 32767")]
    public void Decode_WrongHeaders_AreRefused(string headers, string reason)
    {
        var exception = Assert.Throws<EventStreamException>(() => EventStreamDecoder.Decode(Message(LiteralBytes.Of(headers))));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_MoreHeadersThanAreTaken_IsRefused()
    {
        static byte[] Headers(int count) => [.. Enumerable.Repeat((byte[])[1, (byte)'a', 0], count).SelectMany(static header => header)];

        Assert.Equal(1024, EventStreamDecoder.Decode(Message(Headers(1024))).Headers.Count);
        Assert.Throws<EventStreamException>(() => EventStreamDecoder.Decode(Message(Headers(1025))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void Encode_NameTooShortOrLong_IsRefused(int length) =>
        Assert.Throws<EventStreamException>(() => EventStreamEncoder.Encode(new EventStreamMessage([EventStreamHeader.Of(new string('a', length), 1)], default)));

    [Fact]
    public void Encode_LongestNameAndValue_AreReadBack()
    {
        EventStreamHeader header = EventStreamHeader.Of(new string('a', 255), new string('b', 32767));

        EventStreamMessage read = EventStreamDecoder.Decode(EventStreamEncoder.Encode(new EventStreamMessage([header], default)));

        Assert.Equal(new string('b', 32767), read.FindString(new string('a', 255)));
        Assert.Throws<EventStreamException>(() => EventStreamEncoder.Encode(
            new EventStreamMessage([EventStreamHeader.Of("a", new string('b', 32768))], default)));
    }

    [Fact]
    public async Task Read_PiecesOfEverySize_AreTheMessages()
    {
        byte[] bytes = [.. LiteralBytes.Of(Empty), .. LiteralBytes.Of(EveryType), .. LiteralBytes.Of(Connect)];
        for (int size = 1; size <= bytes.Length; size++)
        {
            var reader = new EventStreamReader(new PiecewiseStream(bytes, size));

            Assert.Empty((await reader.ReadAsync(CancellationToken.None))!.Headers);
            Assert.Equal(10, (await reader.ReadAsync(CancellationToken.None))!.Headers.Count);
            Assert.Equal("0.1.0", (await reader.ReadAsync(CancellationToken.None))!.FindString(":version"));
            Assert.Null(await reader.ReadAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task Read_EndAtEveryByte_IsTold()
    {
        byte[] bytes = LiteralBytes.Of(Connect);
        for (int length = 1; length < bytes.Length; length++)
        {
            var reader = new EventStreamReader(new PiecewiseStream(bytes[..length], 7));

            await Assert.ThrowsAsync<EventStreamException>(async () => await reader.ReadAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task Read_LengthOfFourGigabytes_AllocatesNothingForIt()
    {
        var reader = new EventStreamReader(new PiecewiseStream(Prelude(uint.MaxValue, 0), 12));
        long before = GC.GetAllocatedBytesForCurrentThread();

        await Assert.ThrowsAsync<EventStreamException>(async () => await reader.ReadAsync(CancellationToken.None));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
    }

    internal static byte[] Message(byte[] headers)
    {
        byte[] bytes = [.. Prelude((uint)(16 + headers.Length), (uint)headers.Length), .. headers, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));
        return bytes;
    }

    internal static byte[] Prelude(uint total, uint headers)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, total);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), headers);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Crc32.HashToUInt32(bytes.AsSpan(0, 8)));
        return bytes;
    }
}

/// <summary>Gives no more than some bytes at a time.</summary>
internal sealed class PiecewiseStream(byte[] bytes, int most) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer.Length > most ? buffer[..most] : buffer, cancellationToken);
}
