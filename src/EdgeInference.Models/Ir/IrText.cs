using System.Text;
using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ir;

/// <summary>The characters of an .xml in UTF-8 (or what its byte order mark says), with no tag longer than <see cref="IrLimits.TagCharacters"/>.</summary>
internal sealed class IrText(Stream stream) : TextReader
{
    private readonly StreamReader _reader = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
    private int _sinceTag;

    public override int Read(char[] buffer, int index, int count)
    {
        int read;
        try
        {
            read = _reader.Read(buffer, index, count);
        }
        catch (DecoderFallbackException e)
        {
            throw new LayerException("it has bytes that are no UTF-8", e);
        }

        Check(buffer.AsSpan(index, read));
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _reader.Dispose();
        base.Dispose(disposing);
    }

    private void Check(ReadOnlySpan<char> text)
    {
        for (int next = text.IndexOf('<'); next >= 0; next = text.IndexOf('<'))
        {
            Advance(next);
            _sinceTag = 0;
            text = text[(next + 1)..];
        }

        Advance(text.Length);
    }

    private void Advance(int characters)
    {
        _sinceTag += characters;
        if (_sinceTag > IrLimits.TagCharacters)
            throw new LayerException($"it has an element or text of more than {IrLimits.TagCharacters} characters");
    }
}
