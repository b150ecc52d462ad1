using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>The file of the outbox: one service at a time uses it, nobody else may read it, and a damaged one is put away.</summary>
internal sealed class OutboxFile : IDisposable
{
    private const string Name = "outbox.db";
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A failing disk must not fill up with what it damaged.
    private const int DamagedKept = 3;

    // EWOULDBLOCK: how flock answers where another process holds the lock.
    private const int WouldBlock = 11;

    // https://sqlite.org/rescode.html
    public const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int Moved = 1032;

    // Behind the name of a damaged file that nobody was told of yet.
    private const string Untold = ".untold";

    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    private readonly FileStream _lock;

    private OutboxFile(string path, FileStream fileLock)
    {
        Path = path;
        _lock = fileLock;
    }

    public string Path { get; }

    /// <summary>Bytes of a file that the last service did not close, and of the write-ahead log that is left only then; 0 where it did.</summary>
    public static long BytesLeftOpen(string path) =>
        new FileInfo(path) is { Exists: true } file && new FileInfo(path + "-wal") is { Exists: true, Length: > 0 } log ? file.Length + log.Length : 0;

    /// <summary>Where the outbox of a folder is.</summary>
    public static string PathIn(string folder) => System.IO.Path.Combine(folder, Name);

    /// <summary>Takes the outbox of a folder for this process, until it is disposed of or the process ends.</summary>
    /// <exception cref="OutboxException">Another process has it, or the folder cannot be used.</exception>
    public static OutboxFile Take(string folder)
    {
        string path = PathIn(folder);
        FileStream? fileLock = null;
        try
        {
            Directory.CreateDirectory(folder, OnlyOwner | UnixFileMode.UserExecute);
            fileLock = Open(System.IO.Path.ChangeExtension(path, ".lock"), FileShare.None);

            var file = new OutboxFile(path, fileLock);
            file.Create();
            return file;
        }
        catch (IOException exception) when (exception.HResult == WouldBlock)
        {
            throw new OutboxException($"{path} is in use by another process of this program; each needs an outbox directory of its own (EdgeInference:Outbox:Directory)")
            {
                IsTemporary = true,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fileLock?.Dispose();
            throw new OutboxException($"the outbox directory {folder} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Makes an empty file where there is none; SQLite gives its other files the mode of this one.</summary>
    public void Create() => Open(Path, FileShare.ReadWrite | FileShare.Delete).Dispose();

    /// <summary>The damaged files that were put aside and that nobody was told of yet, oldest first, by the names that they have afterwards.</summary>
    public IEnumerable<string> UntoldDamage => DamagedFiles().Where(static file => File.Exists(file + Untold)).Reverse();

    /// <summary>Renames a damaged file, so that a new one can be begun.</summary>
    /// <returns>The name that it has once <see cref="EndDamage"/> was called.</returns>
    public string PutAside(DateTimeOffset now)
    {
        string aside = $"{Path}.damaged-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";
        foreach (string suffix in Suffixes.Where(suffix => File.Exists(Path + suffix)))
            File.Move(Path + suffix, aside + (suffix.Length == 0 ? Untold : suffix), overwrite: true);
        foreach (string file in DamagedFiles().Skip(DamagedKept).SelectMany(static file => Suffixes.Append(Untold).Select(suffix => file + suffix)))
            File.Delete(file);
        Create();
        return aside;
    }

    /// <summary>What is to be told of damaged files is written down.</summary>
    public void EndDamage()
    {
        try
        {
            foreach (string file in UntoldDamage)
                File.Move(file + Untold, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start renames it: a file that has cursors has told of it.
        }
    }

    /// <summary>Whether an error says that the file cannot be used any more, rather than that this operation failed.</summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase
        || exception.SqliteExtendedErrorCode == Moved;

    public void Dispose() => _lock.Dispose();

    /// <summary>Newest first, each by the name that it has in the end.</summary>
    private string[] DamagedFiles() =>
    [
        .. Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, $"{Name}.damaged-*")
            .Select(static file => file.EndsWith(Untold, StringComparison.Ordinal) ? file[..^Untold.Length] : file)
            .Where(static file => file.EndsWith('Z'))
            .Distinct(StringComparer.Ordinal)
            .OrderDescending(StringComparer.Ordinal),
    ];

    private static FileStream Open(string path, FileShare share) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        UnixCreateMode = OnlyOwner,
    });
}
