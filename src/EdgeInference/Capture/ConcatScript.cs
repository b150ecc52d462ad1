using System.Text;

namespace EdgeInference.Capture;

/// <summary>
/// A script for ffmpeg's concat demuxer (https://ffmpeg.org/ffmpeg-formats.html#concat-1). It is how an address reaches
/// ffmpeg without showing up in the list of processes.
/// </summary>
internal sealed class ConcatScript
{
    private readonly StringBuilder _text = new("ffconcat version 1.0\n");

    public ConcatScript Add(string address)
    {
        _text.Append("file ").Append(Quote(address)).Append('\n');
        return this;
    }

    /// <summary>An option of the protocol or demuxer that opens the file added last.</summary>
    public ConcatScript WithOption(string name, string value)
    {
        _text.Append("option ").Append(name).Append(' ').Append(Quote(value)).Append('\n');
        return this;
    }

    /// <summary>How long the file added last is shown, in seconds.</summary>
    public ConcatScript WithDuration(string seconds)
    {
        _text.Append("duration ").Append(seconds).Append('\n');
        return this;
    }

    public override string ToString() => _text.ToString();

    // Within single quotes every character stands for itself, except the quote: close, escape it, open again.
    private static string Quote(string text)
    {
        if (text.AsSpan().ContainsAny('\n', '\r'))
            throw new ArgumentException("A line break cannot be written in a concat script.", nameof(text));
        return $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
