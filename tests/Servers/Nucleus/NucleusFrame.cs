using System.Buffers.Binary;
using System.Text;

namespace EdgeInference.TestServers;

/// <summary>A header with a number (type 4) or a text (type 7); a nucleus knows no other types.</summary>
internal sealed record NucleusHeader(string Name, int? Number, string? Text)
{
    public static NucleusHeader Of(string name, int number) => new(name, number, null);

    public static NucleusHeader Of(string name, string text) => new(name, null, text);
}

/// <summary>A message of the event-stream protocol, and how it is written: lengths, headers, payload and two checksums.</summary>
internal sealed record NucleusFrame(IReadOnlyList<NucleusHeader> Headers, byte[] Payload)
{
    public const int PreludeLength = 12;

    private const int ChecksumLength = 4;
    private const int Shortest = PreludeLength + ChecksumLength;
    private const byte NumberType = 4;
    private const byte TextType = 7;

    // Names and texts that are not UTF-8 are refused.
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public NucleusHeader? Find(string name) => Headers.FirstOrDefault(header => header.Name == name);

    public byte[] Encode()
    {
        byte[] headers = [.. Headers.SelectMany(Encode)];
        byte[] frame = new byte[Shortest + headers.Length + Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), NucleusChecksum.Of(frame.AsSpan(0, 8)));
        headers.CopyTo(frame, PreludeLength);
        Payload.CopyTo(frame, PreludeLength + headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(frame.Length - ChecksumLength), NucleusChecksum.Of(frame.AsSpan(0, frame.Length - ChecksumLength)));
        return frame;
    }

    /// <summary>The length of the whole frame, told by its first twelve bytes.</summary>
    /// <exception cref="NucleusProtocolException">They are damaged, or tell of a frame that a nucleus does not take.</exception>
    public static int LengthOf(ReadOnlySpan<byte> prelude, int longest)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(prelude[8..]) != NucleusChecksum.Of(prelude[..8]))
            throw new NucleusProtocolException("checksum of the prelude");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prelude);
        if (length < Shortest)
            throw new NucleusProtocolException("frame shorter than 16 bytes");
        if (BinaryPrimitives.ReadUInt32BigEndian(prelude[4..]) > length - Shortest)
            throw new NucleusProtocolException("headers longer than the frame");
        if (length > longest)
            throw new NucleusProtocolException("frame too long");
        return (int)length;
    }

    /// <exception cref="NucleusProtocolException">The frame is damaged.</exception>
    public static NucleusFrame Decode(ReadOnlySpan<byte> frame)
    {
        if (BinaryPrimitives.ReadUInt32BigEndian(frame[^ChecksumLength..]) != NucleusChecksum.Of(frame[..^ChecksumLength]))
            throw new NucleusProtocolException("checksum of the frame");
        int headersLength = BinaryPrimitives.ReadInt32BigEndian(frame[4..]);
        ReadOnlySpan<byte> rest = frame.Slice(PreludeLength, headersLength);
        var headers = new List<NucleusHeader>();
        while (rest.Length > 0)
        {
            NucleusHeader header = TakeHeader(ref rest);
            if (headers.Exists(other => other.Name == header.Name))
                throw new NucleusProtocolException($"header {header.Name} twice");
            headers.Add(header);
        }

        return new NucleusFrame(headers, frame[(PreludeLength + headersLength)..^ChecksumLength].ToArray());
    }

    private static NucleusHeader TakeHeader(ref ReadOnlySpan<byte> rest)
    {
        string name = Text(Take(ref rest, Take(ref rest, 1)[0]));
        byte type = Take(ref rest, 1)[0];
        return type switch
        {
            NumberType => NucleusHeader.Of(name, BinaryPrimitives.ReadInt32BigEndian(Take(ref rest, 4))),
            TextType => NucleusHeader.Of(name, Text(Take(ref rest, BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, 2))))),
            _ => throw new NucleusProtocolException($"header type {type}"),
        };
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        if (rest.Length < count)
            throw new NucleusProtocolException("header cut off");
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new NucleusProtocolException("header that is not UTF-8", exception);
        }
    }

    private static byte[] Encode(NucleusHeader header)
    {
        byte[] name = s_utf8.GetBytes(header.Name);
        byte[] value;
        if (header.Number is { } number)
        {
            value = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(value, number);
        }
        else
        {
            byte[] text = s_utf8.GetBytes(header.Text!);
            value = [(byte)(text.Length >> 8), (byte)text.Length, .. text];
        }

        return [(byte)name.Length, .. name, header.Number is null ? TextType : NumberType, .. value];
    }
}

/// <summary>A client did what ends its connection.</summary>
internal sealed class NucleusProtocolException(string reason, Exception? inner = null) : Exception(reason, inner);
