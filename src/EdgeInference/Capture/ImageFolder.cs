namespace EdgeInference.Capture;

/// <summary>Finds the images of a folder.</summary>
internal static class ImageFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".bmp"];

    private enum Codec
    {
        Jpeg,
        Png,
        Bmp,
    }

    /// <summary>The paths in the ordinal order of their names, cut wherever the codec changes.</summary>
    public static IEnumerable<IReadOnlyList<string>> FindRuns(string folder)
    {
        List<string> run = [];
        Codec runCodec = default;
        foreach (string path in FindImages(folder))
        {
            Codec codec = CodecOf(path);
            if (run.Count > 0 && codec != runCodec)
            {
                yield return run;
                run = [];
            }

            runCodec = codec;
            run.Add(path);
        }

        if (run.Count > 0)
            yield return run;
    }

    private static IEnumerable<string> FindImages(string folder) =>
        Directory.EnumerateFiles(Path.GetFullPath(folder))
            .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Select(static path => path.AsSpan().ContainsAny('\n', '\r') ? throw new IOException("the name of an image has a line break") : path)
            .Order(StringComparer.Ordinal);

    // By its first bytes, since names lie; one that is none of these is left to the codec of its name, which reports it.
    private static Codec CodecOf(string path)
    {
        Span<byte> start = stackalloc byte[4];
        using (FileStream file = File.OpenRead(path))
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];

        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            return Codec.Jpeg;
        if (start.SequenceEqual((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return Codec.Png;
        if (start.StartsWith("BM"u8))
            return Codec.Bmp;
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => Codec.Png,
            ".bmp" => Codec.Bmp,
            _ => Codec.Jpeg,
        };
    }
}
