using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>What one stream may keep in its folder. An age of 0 is no limit.</summary>
internal sealed record PictureLimits(long Files, long Bytes, TimeSpan Age);

/// <summary>
/// The pictures of one stream in a folder. A picture is there whole or not at all, and the oldest make room for new ones.
/// Not for use by two threads at once.
/// </summary>
/// <remarks>
/// The order of the steps is what makes this hold over a crash or a power cut at any point: the index names the picture, then
/// its bytes are on the disk under another name, then it gets its name, then that is on the disk.
/// </remarks>
internal sealed class PictureFolder(string root, string stream, PictureLimits limits, TimeProvider time) : IDisposable
{
    // Streams may share a folder: none may delete a folder, being empty, that another has just made for a picture.
    private static readonly Lock FolderChanges = new();

    private PictureIndex? _index;

    /// <summary>Why nothing can be written below a folder, or where it is to be made; null where it can. Leaves nothing there.</summary>
    public static string? FindDoubt(string root)
    {
        string existing = Path.GetFullPath(root);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        try
        {
            using var _ = new FileStream(
                Path.Combine(existing, $".edge-inference-{Guid.NewGuid():N}"),
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot write to {root} as this user (the installed service: below its own folder, or what ReadWritePaths= of its unit names): {existing} refuses it";
        }
    }

    /// <summary>Writes a picture, in place of one of ours that has its name.</summary>
    /// <exception cref="PublishException">It could not be written.</exception>
    public void Write(string name, Report report, ReadOnlySpan<byte> jpeg, CancellationToken cancellationToken)
    {
        if (!PictureEntry.IsName(name))
            throw new PublishException(PublishFailure.Final, $"'{name}' cannot be the name of a picture in {root}: FileName has to be changed");
        if (jpeg.Length > limits.Bytes)
            throw new PublishException(PublishFailure.Permanent, $"a picture of {jpeg.Length} bytes is larger than LimitMegabytes allows for all of {root}");
        try
        {
            PictureIndex index = OpenIndex(cancellationToken);
            Write(index, new PictureEntry(report.Timestamp, jpeg.Length, report.Id, name), jpeg);
            DeleteOldest(index, cancellationToken);
            if (index.IsMostlyForgotten)
                Compact(index);
        }
        catch (Exception exception)
        {
            // A file on a disk that was unplugged, or made read-only and back, works again only when it is opened again.
            Close();
            if (FailureOf(exception) is not { } failure)
                throw;
            throw failure;
        }
    }

    public void Dispose() => Close();

    private PictureIndex OpenIndex(CancellationToken cancellationToken)
    {
        if (_index is { Exists: true })
            return _index;
        Close();
        CreateRoot();
        _index = PictureIndex.Open(root, stream);
        if (_index.Latest is { } latest)
            Recover(_index, latest);

        // First of all: on a full disk, lowered limits are what makes room.
        DeleteOldest(_index, cancellationToken);
        return _index;
    }

    private void CreateRoot()
    {
        try
        {
            DurableFiles.CreateFolder(Path.GetPathRoot(root)!, root);
        }
        catch (IOException exception) when (FailureOf(exception) is null)
        {
            throw new PublishException(PublishFailure.Final, $"the folder {root} cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>Sets right what a crash while writing the latest picture has left.</summary>
    private void Recover(PictureIndex index, IndexedPicture latest)
    {
        if (IsBelowRoot(latest.Entry.PartialName))
            DeleteIfThere(PathOf(latest.Entry.PartialName));
        if (IsOurs(latest.Entry))
            index.ForgetReplaced(latest.Entry.Name);
        else
            index.Forget(latest);
    }

    private void Write(PictureIndex index, PictureEntry entry, ReadOnlySpan<byte> jpeg)
    {
        string path = PathOf(entry.Name);
        string partial = PathOf(entry.PartialName);
        string folder = Path.GetDirectoryName(path)!;
        if (!IsBelowRoot(entry.Name))
            throw new PublishException(PublishFailure.Final, $"a folder of {path} is a symbolic link: pictures behind it could not be deleted again; Directory has to name its target");
        if (Directory.Exists(path))
            throw new PublishException(PublishFailure.Permanent, $"{path} is a folder; no picture can have its name");

        var existing = new FileInfo(path);
        bool replaces = existing.Exists || existing.LinkTarget is not null;
        if (replaces && (existing.LinkTarget is not null || !index.Knows(entry.Name, existing.Length)))
            throw new PublishException(PublishFailure.Final, $"{path} is not a picture of this service: FileName or Directory has to be changed");

        index.Append(entry);
        try
        {
            WriteNew(folder, partial, jpeg);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            DeleteIfThere(partial);
            index.RemoveLast(entry);
            throw;
        }

        DurableFiles.FlushFolder(folder);
        if (replaces)
            index.ForgetReplaced(entry.Name);
    }

    private void WriteNew(string folder, string path, ReadOnlySpan<byte> content)
    {
        SafeFileHandle file;
        lock (FolderChanges)
        {
            DurableFiles.CreateFolder(root, folder);
            file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }

        using (file)
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }
    }

    private void DeleteOldest(PictureIndex index, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        while (index.Oldest() is { } oldest && (index.Count > limits.Files || index.Bytes > limits.Bytes || IsTooOld(oldest.Entry, now)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsOurs(oldest.Entry))
            {
                File.Delete(PathOf(oldest.Entry.Name));
                DeleteEmptyFolders(Path.GetDirectoryName(PathOf(oldest.Entry.Name))!);
            }

            index.Forget(oldest);
        }
    }

    private bool IsTooOld(PictureEntry entry, DateTimeOffset now) => limits.Age > TimeSpan.Zero && now - entry.Time > limits.Age;

    /// <summary>Whether a file is still the one that we wrote: somebody may have deleted, moved or replaced it.</summary>
    private bool IsOurs(PictureEntry entry)
    {
        var file = new FileInfo(PathOf(entry.Name));
        return IsBelowRoot(entry.Name) && file.Exists && file.LinkTarget is null && file.Length == entry.Bytes;
    }

    /// <summary>Whether no folder between the root and a file is a symbolic link, which may lead anywhere.</summary>
    private bool IsBelowRoot(string name)
    {
        for (string folder = Path.GetDirectoryName(PathOf(name))!; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (new DirectoryInfo(folder).LinkTarget is not null)
                return false;
        }

        return true;
    }

    private void DeleteEmptyFolders(string folder)
    {
        lock (FolderChanges)
        {
            for (; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
            {
                if (!Directory.Exists(folder))
                    continue;
                if (Directory.EnumerateFileSystemEntries(folder).Any())
                    return;
                Directory.Delete(folder);
            }
        }
    }

    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path))
            File.Delete(path);
    }

    private void Compact(PictureIndex index)
    {
        _index = index.Compact();
        index.Dispose();
    }

    private void Close()
    {
        _index?.Dispose();
        _index = null;
    }

    private string PathOf(string name) => Path.Combine(root, name);

    private PublishException? FailureOf(Exception exception) => exception switch
    {
        IOException { HResult: Errno.NoSpace } => new(PublishFailure.Temporary, $"no space left on the disk of {root}", exception),
        IOException { HResult: Errno.QuotaExceeded } => new(PublishFailure.Temporary, $"the quota of disk space for {root} is used up", exception),
        IOException { HResult: Errno.ReadOnlyFileSystem } => new(PublishFailure.Temporary, $"the disk of {root} is read-only", exception),
        IOException { HResult: Errno.TryAgain } => new(PublishFailure.Temporary, $"another process writes this stream's pictures to {root}", exception),
        UnauthorizedAccessException => new(PublishFailure.Final, $"{root}: {exception.Message}", exception),
        PathTooLongException => new(PublishFailure.Final, $"a name in {root} is too long: Directory or FileName has to be changed", exception),
        _ => null,
    };
}
