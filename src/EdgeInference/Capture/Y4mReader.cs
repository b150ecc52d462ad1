using System.Globalization;
using System.Text;

namespace EdgeInference.Capture;

/// <summary>
/// Reads YUV4MPEG2: one line "YUV4MPEG2 W768 H432 …", then for each picture a line "FRAME" and its planes as they are.
/// Blocks until bytes come.
/// </summary>
internal sealed class Y4mReader(Stream stream)
{
    // ffmpeg writes about 80.
    private const int LongestHeader = 1024;
    private const int LargestSide = 1 << 15;

    private readonly byte[] _marker = new byte["FRAME\n".Length];

    /// <summary>The picture size, or null when the stream ends before the header does.</summary>
    /// <exception cref="InvalidDataException">It is not YUV4MPEG2.</exception>
    public (int Width, int Height)? ReadHeader()
    {
        StringBuilder line = new(capacity: 128);
        while (true)
        {
            int next = stream.ReadByte();
            if (next < 0)
                return null;
            if (next == '\n')
                return ParseHeader(line.ToString());
            if (line.Length == LongestHeader)
                throw new InvalidDataException("The decoder's output has no YUV4MPEG2 header.");
            line.Append((char)next);
        }
    }

    /// <summary>False at the end of the stream, before a picture. Each picture begins with a call of this.</summary>
    /// <exception cref="InvalidDataException">What follows is not a picture.</exception>
    public bool ReadMarker()
    {
        if (!Fill(_marker))
            return false;
        return _marker.AsSpan().SequenceEqual("FRAME\n"u8)
            ? true
            : throw new InvalidDataException("The decoder's output is not made of YUV4MPEG2 frames.");
    }

    /// <summary>Fills the planes of one picture; false when the stream ends within.</summary>
    public bool ReadPlanes(Span<byte> planes) => Fill(planes);

    private static (int Width, int Height) ParseHeader(string line)
    {
        string[] fields = line.Split(' ');
        int width = SideOf(fields, 'W');
        int height = SideOf(fields, 'H');
        return line.StartsWith("YUV4MPEG2 ", StringComparison.Ordinal) && width > 0 && height > 0
            ? (width, height)
            : throw new InvalidDataException("The decoder's output has no YUV4MPEG2 header.");
    }

    private static int SideOf(string[] fields, char name) =>
        Array.Find(fields, field => field.StartsWith(name)) is { } field
        && int.TryParse(field.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int side)
        && side <= LargestSide
            ? side
            : 0;

    private bool Fill(Span<byte> target) =>
        stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
}
