using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Onnx;

/// <summary>
/// Goes through the fields of a serialised message where they are, nothing copied (Protocol Buffers, "Encoding").
/// </summary>
/// <param name="message">The message, without its length.</param>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int TagBits = 3;
    private const int VarintBits = 7;
    private const int LongestVarint = 10;

    private readonly ReadOnlySpan<byte> _message = message;

    public WireKind Kind { get; private set; }

    public int Field { get; private set; }

    /// <summary>Where the field starts, its tag included.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public int End { get; private set; }

    /// <summary>The content of a field of <see cref="WireKind.Bytes"/>; empty for others.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The content of a field of <see cref="WireKind.Varint"/>; 0 for others.</summary>
    public ulong Number { get; private set; }

    /// <summary>Goes on to the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="LayerException">What stands there is no field.</exception>
    public bool Read()
    {
        Start = End;
        if (End == _message.Length)
            return false;
        ulong tag = Varint();
        Kind = (WireKind)(tag & ((1 << TagBits) - 1));
        Field = tag >> TagBits is > 0 and < 1 << 29 and var field ? (int)field : throw Malformed();
        Number = Kind == WireKind.Varint ? Varint() : 0;
        Content = Kind == WireKind.Bytes ? Take(Varint()) : default;
        if (Kind is WireKind.Fixed32 or WireKind.Fixed64)
            Take(Kind == WireKind.Fixed32 ? 4u : 8);
        else if (Kind is not (WireKind.Varint or WireKind.Bytes))
            throw Malformed();
        return true;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_message.Length - End))
            throw Malformed();
        ReadOnlySpan<byte> taken = _message.Slice(End, (int)length);
        End += taken.Length;
        return taken;
    }

    private ulong Varint()
    {
        ulong number = 0;
        for (int i = 0; i < LongestVarint && End < _message.Length; i++)
        {
            byte part = _message[End++];
            number |= (ulong)(part & 127) << (VarintBits * i);
            if (part < 128)
                return number;
        }

        throw Malformed();
    }

    private static LayerException Malformed() => new("not an ONNX model, or cut off");
}

/// <summary>How a field is encoded, by the numbers of Protocol Buffers; groups, which ONNX has none of, are left out.</summary>
internal enum WireKind
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
