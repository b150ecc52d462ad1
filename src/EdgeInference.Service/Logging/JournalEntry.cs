using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EdgeInference.Service.Logging;

/// <summary>
/// An entry in the journal's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/), as one datagram. What is too long
/// for that is cut, and ends in a note: nothing of ours is, and the way round it, a sealed memory file, takes three native
/// calls that would never be used.
/// </summary>
internal sealed class JournalEntry
{
    /// <summary>The kernel takes datagrams of about 200 kB.</summary>
    public const int LongestEntry = 128 << 10;

    /// <summary>The message and an exception.</summary>
    public const int LongText = 32 << 10;

    /// <summary>All other values.</summary>
    public const int ShortText = 2 << 10;

    private const string CutNote = "... (cut)";

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The datagram.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Adds a field, unless there is one of this name, or no more room.</summary>
    /// <param name="name">A valid name.</param>
    /// <param name="text">Any text; control characters, which would have journalctl hide the value, become U+FFFD.</param>
    /// <param name="longest">Bytes.</param>
    public void Add(string name, string text, int longest = ShortText)
    {
        byte[] value = Encoding.UTF8.GetBytes(Printable(text));
        int length = value.Length;
        if (length > longest)
        {
            length = longest - CutNote.Length;
            while ((value[length] & 0xC0) == 0x80)
                length--;
        }

        bool isCut = length < value.Length;
        int total = name.Length + sizeof(long) + 3 + length + CutNote.Length;
        if (_bytes.WrittenCount + total > LongestEntry || !_names.Add(name))
            return;
        bool isBinary = value.AsSpan(0, length).Contains((byte)'\n');
        _bytes.Write(Encoding.ASCII.GetBytes(name));
        if (isBinary)
        {
            _bytes.Write("\n"u8);
            BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), length + (isCut ? CutNote.Length : 0));
            _bytes.Advance(sizeof(long));
        }
        else
        {
            _bytes.Write("="u8);
        }

        _bytes.Write(value.AsSpan(0, length));
        if (isCut)
            _bytes.Write(Encoding.ASCII.GetBytes(CutNote));
        _bytes.Write("\n"u8);
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (result, text) =>
    {
        for (int i = 0; i < text.Length; i++)
            result[i] = char.IsControl(text[i]) && text[i] is not ('\n' or '\t') ? '\uFFFD' : text[i];
    });
}
