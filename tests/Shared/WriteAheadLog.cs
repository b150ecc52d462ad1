using System.Buffers.Binary;

namespace EdgeInference.TestSupport;

/// <summary>What SQLite finds in a write-ahead log when it opens the file again (https://sqlite.org/fileformat2.html, chapter 4).</summary>
/// <param name="Commits">Whole transactions.</param>
/// <param name="CommittedFrames">Pages of whole transactions.</param>
/// <param name="TornFrames">Pages behind them, of a transaction that did not come to its end; the last may be there in part.</param>
internal sealed record WriteAheadLog(int Commits, int CommittedFrames, int TornFrames)
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint BigEndianMagic = 0x377f0683;

    public static WriteAheadLog Read(ReadOnlySpan<byte> log)
    {
        if (log.Length < HeaderBytes)
            return new WriteAheadLog(0, 0, 0);
        bool isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(log) == BigEndianMagic;
        int pageBytes = BinaryPrimitives.ReadInt32BigEndian(log[8..]);
        ReadOnlySpan<byte> salts = log[16..24];
        (uint, uint) sum = Add((0, 0), log[..24], isBigEndian);
        int commits = 0;
        int committed = 0;
        int frames = 0;
        for (ReadOnlySpan<byte> rest = log[HeaderBytes..]; rest.Length >= FrameHeaderBytes && rest[8..16].SequenceEqual(salts); rest = rest[(FrameHeaderBytes + pageBytes)..])
        {
            // A frame of this log, whole or not: those of an earlier round have other salts.
            frames++;
            if (rest.Length < FrameHeaderBytes + pageBytes)
                break;
            sum = Add(Add(sum, rest[..8], isBigEndian), rest.Slice(FrameHeaderBytes, pageBytes), isBigEndian);
            if (sum != (BinaryPrimitives.ReadUInt32BigEndian(rest[16..]), BinaryPrimitives.ReadUInt32BigEndian(rest[20..])))
                break;
            if (BinaryPrimitives.ReadUInt32BigEndian(rest[4..]) != 0)
                (commits, committed) = (commits + 1, frames);
        }

        return new WriteAheadLog(commits, committed, frames - committed);
    }

    private static (uint, uint) Add((uint First, uint Second) sum, ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        (uint first, uint second) = sum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            first = unchecked(first + Word(bytes, isBigEndian) + second);
            second = unchecked(second + Word(bytes[4..], isBigEndian) + first);
        }

        return (first, second);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
