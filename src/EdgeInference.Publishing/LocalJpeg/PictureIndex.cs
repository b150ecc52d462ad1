using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>
/// The pictures that we wrote to a folder for one stream, oldest first, in a file that only grows at its end. A picture is
/// forgotten by overwriting the first byte of its line, which is one byte so that it happens or not. Memory does not grow with
/// the number of pictures: the oldest one is read from the file when it is asked for.
/// </summary>
internal sealed class PictureIndex : IDisposable
{
    // A rewrite at every picture would wear out flash memory: with few pictures, this many lines are left to gather.
    private const int LeastForgotten = 1000;

    private const int CopyBytes = 1 << 16;
    private const string NewSuffix = ".new";

    private readonly string _path;
    private readonly SafeFileHandle _file;

    private long _first;
    private long _length;
    private long _forgotten;

    private static ReadOnlySpan<byte> Heading => "# The pictures that EdgeInference wrote to this folder. It deletes no others.\n"u8;

    private PictureIndex(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>How many pictures are not forgotten.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of these pictures together.</summary>
    public long Bytes { get; private set; }

    /// <summary>The latest picture that is not forgotten, as <see cref="Open"/> found it.</summary>
    public IndexedPicture? Latest { get; private set; }

    /// <summary>Whether most lines are of forgotten pictures, so that <see cref="Compact"/> is worth it.</summary>
    public bool IsMostlyForgotten => _forgotten > Count + LeastForgotten;

    /// <summary>Whether the file is still where it was; somebody may have deleted it.</summary>
    public bool Exists => File.Exists(_path);

    public static string NameFor(string stream) => $"{PictureEntry.ReservedPrefix}{stream}.index";

    /// <summary>Opens the index of a stream, or begins one.</summary>
    /// <exception cref="IOException">Also when another process has it open.</exception>
    public static PictureIndex Open(string folder, string stream)
    {
        string path = Path.Combine(folder, NameFor(stream));
        if (new FileInfo(path).LinkTarget is not null)
            throw new PublishException(PublishFailure.Final, $"{path} is a symbolic link; the index of pictures must be a file");
        File.Delete(path + NewSuffix);
        bool isNew = !File.Exists(path);
        var index = new PictureIndex(path, OpenFile(path, FileMode.OpenOrCreate));
        try
        {
            if (!isNew)
            {
                index.Load();
                return index;
            }

            index.Begin();
            DurableFiles.FlushFolder(folder);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Adds a picture; it is on the disk when this returns.</summary>
    public void Append(PictureEntry entry)
    {
        byte[] line = entry.ToLine();
        try
        {
            RandomAccess.Write(_file, line, _length);
            RandomAccess.FlushToDisk(_file);
        }
        catch
        {
            RandomAccess.SetLength(_file, _length);
            throw;
        }

        _length += line.Length;
        Count++;
        Bytes += entry.Bytes;
    }

    /// <summary>Takes back what <see cref="Append"/> added last.</summary>
    public void RemoveLast(PictureEntry entry)
    {
        long length = _length - entry.ToLine().Length;
        RandomAccess.SetLength(_file, length);
        _length = length;
        Count--;
        Bytes -= entry.Bytes;
    }

    /// <summary>The oldest picture that is not forgotten; null when there is none.</summary>
    public IndexedPicture? Oldest()
    {
        var reader = new PictureIndexReader(_file, _first);
        while (reader.Read())
        {
            _first = reader.Offset;
            if (reader.Entry is { } entry)
                return new IndexedPicture(reader.Offset, entry);
        }

        // Somebody else has changed the file: what we counted is not there.
        (Count, Bytes) = (0, 0);
        return null;
    }

    /// <summary>Whether a picture of this name and size is not forgotten. Reads the whole index: for names that are taken only.</summary>
    public bool Knows(string name, long bytes)
    {
        var reader = new PictureIndexReader(_file, _first);
        while (reader.Read())
        {
            if (reader.Entry is { } entry && entry.Name == name && entry.Bytes == bytes)
                return true;
        }

        return false;
    }

    /// <summary>The picture is deleted, or is not ours any more.</summary>
    public void Forget(IndexedPicture picture)
    {
        RandomAccess.Write(_file, [PictureEntry.Forgotten], picture.Offset);
        Count--;
        Bytes -= picture.Entry.Bytes;
        _forgotten++;
    }

    /// <summary>Forgets all but the last picture of a name: the last one has replaced them.</summary>
    public void ForgetReplaced(string name)
    {
        IndexedPicture? last = null;
        long first = _length;
        var reader = new PictureIndexReader(_file, _first);
        while (reader.Read())
        {
            if (reader.Entry is not { } entry)
                continue;
            if (entry.Name == name)
            {
                if (last is { } replaced)
                    Forget(replaced);
                last = new IndexedPicture(reader.Offset, entry);
            }
            else
            {
                first = Math.Min(first, reader.Offset);
            }
        }

        _first = Math.Min(first, last?.Offset ?? first);
    }

    /// <summary>Writes the index anew without what is forgotten, and puts it in place of this one in one step.</summary>
    /// <returns>The new index; this one is of no more use.</returns>
    public PictureIndex Compact()
    {
        string path = _path + NewSuffix;
        File.Delete(path);
        var compacted = new PictureIndex(_path, OpenFile(path, FileMode.CreateNew));
        try
        {
            compacted.Begin();
            compacted.Copy(new PictureIndexReader(_file, _first));
            RandomAccess.FlushToDisk(compacted._file);
            File.Move(path, _path, overwrite: true);
            DurableFiles.FlushFolder(Path.GetDirectoryName(_path)!);
            return compacted;
        }
        catch
        {
            compacted.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private void Begin()
    {
        RandomAccess.Write(_file, Heading, 0);
        _first = _length = Heading.Length;
    }

    private void Load()
    {
        var reader = new PictureIndexReader(_file, 0);
        while (reader.Read())
        {
            if (reader.Entry is not { } entry)
            {
                _forgotten++;
                continue;
            }

            if (Count == 0)
                _first = reader.Offset;
            Latest = new IndexedPicture(reader.Offset, entry);
            Count++;
            Bytes += entry.Bytes;
        }

        // What a crash left of a last line would become part of the next one.
        _length = reader.Next;
        if (RandomAccess.GetLength(_file) > _length)
            RandomAccess.SetLength(_file, _length);
        if (Count == 0)
            _first = _length;
    }

    private void Copy(PictureIndexReader pictures)
    {
        using var lines = new MemoryStream();
        bool more;
        do
        {
            more = pictures.Read();
            if (more && pictures.Entry is { } entry)
            {
                lines.Write(entry.ToLine());
                Count++;
                Bytes += entry.Bytes;
            }

            if (lines.Length < CopyBytes && more)
                continue;
            RandomAccess.Write(_file, lines.GetBuffer().AsSpan(0, (int)lines.Length), _length);
            _length += lines.Length;
            lines.SetLength(0);
        }
        while (more);
    }

    // Nobody else may have it open: two processes on one index would forget each other's pictures.
    private static SafeFileHandle OpenFile(string path, FileMode mode) => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);
}

/// <summary>A picture of the index, and where its line begins.</summary>
internal readonly record struct IndexedPicture(long Offset, PictureEntry Entry);
