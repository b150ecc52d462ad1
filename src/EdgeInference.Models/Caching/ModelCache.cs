using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Models.Caching;

/// <summary>
/// Models as an engine has optimised them, in a folder that any number of processes may share. It gives back exactly what
/// was stored under a key or nothing, and never fails: what is wrong on the disk costs a log line and a translation.
/// </summary>
/// <param name="folder">The folder; made when it is first needed.</param>
/// <param name="limit">Bytes of all entries together; beyond it those unused for longest go.</param>
/// <param name="time">Says which entries are old.</param>
/// <param name="logger">Where troubles are told.</param>
public sealed partial class ModelCache(string folder, long limit, TimeProvider time, ILogger<ModelCache> logger)
{
    private const string EntrySuffix = ".model";
    private const string TemporarySuffix = ".tmp";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A process that was killed while it wrote leaves its file; none writes for so long.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly ILogger _logger = logger;

    public string Folder => folder;

    internal InferenceModel? Find(ModelKey key, string path)
    {
        string entry = EntryOf(key);
        try
        {
            using FileStream file = new(entry, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            InferenceModel model = CacheEntry.Read(file, key, path);
            File.SetLastWriteTimeUtc(entry, time.GetUtcNow().UtcDateTime);
            return model;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogIgnored(entry, exception.Message);
            return null;
        }
    }

    /// <summary>Forgets an entry that the engine refuses.</summary>
    internal void Discard(ModelKey key, string reason)
    {
        LogIgnored(EntryOf(key), reason);
        Try(() => File.Delete(EntryOf(key)));
    }

    /// <summary>Makes an empty file for the engine to write to.</summary>
    /// <returns>Its path; null when the folder cannot be used.</returns>
    internal string? CreateTemporary()
    {
        string path = Path.Combine(folder, Path.GetRandomFileName() + TemporarySuffix);
        return Try(() =>
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            using FileStream file = Create(path);
        })
            ? path
            : null;
    }

    /// <param name="key">The key.</param>
    /// <param name="model">The model as translated.</param>
    /// <param name="optimized">The file that the engine has written, one of <see cref="CreateTemporary"/>.</param>
    internal void Store(ModelKey key, InferenceModel model, string optimized) => Try(() =>
    {
        byte[] graph = File.ReadAllBytes(optimized);
        if (graph.Length == 0 || graph.Length > limit)
            return;

        // Not flushed to the disk: what a loss of power leaves is found out by its hash.
        string temporary = Path.Combine(folder, Path.GetRandomFileName() + TemporarySuffix);
        try
        {
            using (FileStream file = Create(temporary))
                CacheEntry.Write(file, key, model, graph);
            File.Move(temporary, EntryOf(key), overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        Trim();
    });

    internal void Delete(string temporary) => Try(() => File.Delete(temporary));

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = OwnerOnly,
    });

    private string EntryOf(ModelKey key) => Path.Combine(folder, key + EntrySuffix);

    private void Trim()
    {
        DateTime abandoned = (time.GetUtcNow() - Abandoned).UtcDateTime;
        foreach (FileUse file in FilesOf(TemporarySuffix).Where(file => file.LastUse < abandoned))
            File.Delete(file.Path);

        long total = 0;
        foreach (FileUse file in FilesOf(EntrySuffix).OrderByDescending(static file => file.LastUse))
        {
            total += file.Length;
            if (total > limit)
                File.Delete(file.Path);
        }
    }

    private IEnumerable<FileUse> FilesOf(string suffix) => Directory.EnumerateFiles(folder, "*" + suffix).Select(Look).OfType<FileUse>();

    /// <returns>Null for a file that another process has taken away.</returns>
    private static FileUse? Look(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return new FileUse(path, file.LastWriteTimeUtc, file.Length);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotStored(folder, exception.Message);
            return false;
        }
    }

    [LoggerMessage(EventId = 4200, Level = LogLevel.Warning, Message = "The cached model {File} is ignored: {Reason}")]
    private partial void LogIgnored(string file, string reason);

    [LoggerMessage(EventId = 4201, Level = LogLevel.Warning, Message = "The model cache {Folder} cannot be written: {Reason}")]
    private partial void LogNotStored(string folder, string reason);

    private sealed record FileUse(string Path, DateTime LastUse, long Length);
}
