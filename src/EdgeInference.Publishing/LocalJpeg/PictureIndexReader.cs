using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>Reads the lines of an index from an offset, with one buffer however long the file and its lines are.</summary>
internal sealed class PictureIndexReader(SafeFileHandle file, long offset)
{
    private readonly byte[] _buffer = new byte[4 * PictureEntry.MaxLineBytes];

    private int _start;
    private int _end;
    private bool _isOverlong;

    /// <summary>Bytes of the line being read that are no longer in the buffer.</summary>
    private long _skipped;

    /// <summary>Where the current line begins.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Where the next line begins.</summary>
    public long Next { get; private set; } = offset;

    /// <summary>The picture of the current line; null when it names none.</summary>
    public PictureEntry? Entry { get; private set; }

    /// <summary>Goes to the next complete line. A last line without its line feed was torn by a crash: it is not read.</summary>
    public bool Read()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int length = rest.IndexOf((byte)'\n');
            if (length >= 0)
            {
                Offset = Next;
                Next = Offset + _skipped + length + 1;
                Entry = _isOverlong ? null : PictureEntry.Parse(rest[..length]);
                _start += length + 1;
                _skipped = 0;
                _isOverlong = false;
                return true;
            }

            if (rest.Length > PictureEntry.MaxLineBytes || _isOverlong)
            {
                _isOverlong = true;
                _skipped += rest.Length;
                _start = _end;
            }

            if (!Fill())
                return false;
        }
    }

    private bool Fill()
    {
        int rest = _end - _start;
        _buffer.AsSpan(_start, rest).CopyTo(_buffer);
        _start = 0;
        int read = RandomAccess.Read(file, _buffer.AsSpan(rest), Next + _skipped + rest);
        _end = rest + read;
        return read > 0;
    }
}
