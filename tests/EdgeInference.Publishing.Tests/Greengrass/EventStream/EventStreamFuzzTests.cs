using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using EdgeInference.Publishing.Greengrass.EventStream;
using FsCheck;
using FsCheck.Xunit;

namespace EdgeInference.Publishing.Tests.Greengrass.EventStream;

/// <summary>
/// Damaged messages, the same ones in every run; of each three with checksums that are right again, without which nothing behind
/// them is reached. EDGEINFERENCE_FUZZ_CASES sets how many.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class EventStreamFuzzTests
{
    /// <summary>The message itself and its copies, headers at some hundred bytes each, and what an exception takes.</summary>
    private const long MostAllocated = (2 * EventStreamFormat.MostBytes) + (EventStreamFormat.MostHeaders * 1024);

    private readonly System.Random _random = new(1);

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 500;

    [Property(MaxTest = 500)]
    public void Decode_AnyBytes_AreReadOrRefused(byte[] bytes) => Decode(bytes);

    [Property(MaxTest = 500)]
    public void Encode_AnyMessage_IsReadBack(NonEmptyString name, int number, byte[] value, byte[] payload)
    {
        // What is no Unicode has no UTF-8, and a name has 255 bytes at most.
        string printable = string.Concat(name.Get.Where(static letter => !char.IsSurrogate(letter)).Take(80)) + "x";
        var message = new EventStreamMessage(
            [EventStreamHeader.Of(printable, number), new EventStreamHeader("y", EventStreamHeaderType.Bytes, value)], payload);

        EventStreamMessage read = EventStreamDecoder.Decode(EventStreamEncoder.Encode(message));

        Assert.Equal(payload, read.Payload.ToArray());
        Assert.Equal(number, read.FindInt32(printable));
        Assert.Equal(value, (byte[])read.Headers[1].ToObject());
    }

    [Fact]
    public async Task Read_DamagedMessages_AreReadOrRefused()
    {
        byte[][] seeds = [Message(0, 0), Message(1, 20), Message(12, 300), Message(900, 40_000)];
        int read = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] damaged = Damage(seeds[i % seeds.Length]);
            if (i % 4 != 0)
                MendChecksums(damaged);
            read += Decode(damaged) ? 1 : 0;
            await ReadAllAsync(damaged);
        }

        // Else the damage would be too much to show anything.
        Assert.InRange(read, Cases / 20, Cases * 19 / 20);
    }

    private static bool Decode(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = false;
        try
        {
            foreach (EventStreamHeader header in EventStreamDecoder.Decode(bytes).Headers)
                _ = header.ToObject();
            isRead = true;
        }
        catch (EventStreamException exception)
        {
            Assert.NotEmpty(exception.Message);
            Assert.DoesNotContain('\n', exception.Message);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        return isRead;
    }

    private static async Task ReadAllAsync(byte[] bytes)
    {
        using var stream = new PiecewiseStream(bytes, 1 + (bytes.Length / 3));
        var reader = new EventStreamReader(stream);
        try
        {
            while (await reader.ReadAsync(CancellationToken.None) is not null)
            {
                // To the end.
            }

            Assert.Equal(bytes.Length, stream.Position);
        }
        catch (EventStreamException)
        {
            // That is one of the two ways in which it may end.
        }
    }

    private byte[] Message(int headers, int payload)
    {
        byte[] bytes = new byte[payload];
        _random.NextBytes(bytes);
        return EventStreamEncoder.Encode(new EventStreamMessage([.. Enumerable.Range(0, headers).Select(Header)], bytes));
    }

    private EventStreamHeader Header(int number)
    {
        var type = (EventStreamHeaderType)(number % 10);
        byte[] value = new byte[EventStreamFormat.ValueBytes(type) ?? _random.Next(40)];
        if (type != EventStreamHeaderType.String)
            _random.NextBytes(value);
        return new EventStreamHeader($"h{number}", type, value);
    }

    private byte[] Damage(byte[] seed)
    {
        var bytes = new List<byte>(seed);
        for (int changes = _random.Next(1, 4); changes > 0; changes--)
        {
            // Where the lengths and headers are, mostly.
            int at = _random.Next(Math.Min(bytes.Count, _random.Next(2) == 0 ? 200 : int.MaxValue));
            switch (_random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 9), bytes.Count - at - 1));
                    break;
                case 3:
                    bytes.Insert(at, (byte)_random.Next(256));
                    break;
                default:
                    bytes.AddRange(bytes.Take(_random.Next(1, 40)).ToArray());
                    break;
            }
        }

        return [.. bytes];
    }

    private void MendChecksums(byte[] bytes)
    {
        if (bytes.Length < EventStreamFormat.LeastBytes)
            return;
        if (_random.Next(3) != 0)
            BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Crc32.HashToUInt32(bytes.AsSpan(0, 8)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));
    }
}
