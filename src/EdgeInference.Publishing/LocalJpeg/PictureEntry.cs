using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>
/// A picture that we wrote, as one line of the index: <c>+ time bytes id name</c>, and a - in place of the + once it is
/// no longer ours.
/// </summary>
/// <param name="Time">When the frame was captured, UTC.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Id">The report's.</param>
/// <param name="Name">Relative to the folder, with '/' between folders. Never leaves the folder.</param>
internal sealed record PictureEntry(DateTimeOffset Time, long Bytes, Guid Id, string Name)
{
    /// <summary>How the names of our own files begin; no picture may have such a name.</summary>
    public const string ReservedPrefix = ".edge-inference-";

    public const byte Live = (byte)'+';
    public const byte Forgotten = (byte)'-';

    /// <summary>Longer lines are not ours.</summary>
    public const int MaxLineBytes = MaxNameBytes + 128;

    // What Linux takes for one part of a path, and far less than it takes for a whole one, which the folder is part of.
    private const int MaxPartBytes = 255;
    private const int MaxNameBytes = 2048;
    private const int PartialSuffixBytes = 1 + 32 + 8;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>The name of the file while it is being written.</summary>
    public string PartialName => $"{Name}.{Id:N}.partial";

    public byte[] ToLine() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"+ {Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)} {Bytes} {Id:N} {Name}\n"));

    /// <summary>Reads a line without its line feed; null for a forgotten picture and for whatever else we would not have written.</summary>
    public static PictureEntry? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxLineBytes || line.Length < 2 || line[0] != Live || line[1] != (byte)' ' || !Utf8.IsValid(line))
            return null;
        string[] parts = Encoding.UTF8.GetString(line[2..]).Split(' ', 4);
        return parts.Length == 4
            && DateTimeOffset.TryParseExact(parts[0], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int bytes)
            && Guid.TryParseExact(parts[2], "N", out Guid id)
            && IsName(parts[3])
            ? new PictureEntry(time, bytes, id, parts[3])
            : null;
    }

    /// <summary>Whether a name stays in the folder, is none of our own files', and is no longer than a name may be, .partial included.</summary>
    public static bool IsName(string name) =>
        !name.Any(static character => character == '\\' || char.IsControl(character))
        && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes
        && Encoding.UTF8.GetByteCount(Path.GetFileName(name)) + PartialSuffixBytes <= MaxPartBytes
        && name.Split('/').All(static part => part is not ("" or "." or "..")
            && !part.StartsWith(ReservedPrefix, StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(part) <= MaxPartBytes);
}
