using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <summary>Looks into an outbox and mends what was set aside, also while a service uses it.</summary>
public sealed class OutboxInspection : IDisposable
{
    private readonly OutboxStore _store;

    private OutboxInspection(string path, OutboxStore store)
    {
        Path = path;
        _store = store;
    }

    public string Path { get; }

    // Of reports that are given up in one transaction: a running service must not wait long for its own.
    private const int PurgeStep = 200;

    public long UsedBytes => Read(() => _store.UsedBytes);

    /// <exception cref="OutboxException">There is none in the folder, it is of another version of this program, or it cannot be read.</exception>
    public static OutboxInspection Open(string folder)
    {
        string path = OutboxFile.PathIn(folder);
        if (!File.Exists(path))
            throw new OutboxException($"there is no outbox {path}: no service with publishers that need one has run there yet");
        try
        {
            return new OutboxInspection(path, new OutboxStore(path, isOwner: false));
        }
        catch (SqliteException exception)
        {
            throw new OutboxException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    public IReadOnlyList<CursorStatistics> ReadStatistics() => Read(_store.ReadStatistics);

    /// <summary>Reports set aside, oldest first.</summary>
    public IReadOnlyList<SetAsideReport> ReadSetAside(OutboxFilter filter, int count) => Read(() => _store.ReadSetAside(filter, count));

    /// <summary>Has reports set aside tried again: by a running service within seconds, else at the next start.</summary>
    /// <returns>How many.</returns>
    public int Requeue(OutboxFilter filter) => Commit(() => _store.Requeue(filter));

    /// <summary>Gives up reports set aside.</summary>
    /// <returns>How many.</returns>
    public int Purge(OutboxFilter filter)
    {
        int purged = 0;
        int step;
        do
        {
            step = Commit(() => _store.Purge(filter, PurgeStep));
            purged += step;
        }
        while (step == PurgeStep);
        return purged;
    }

    /// <summary>Gives up what waits for publishers.</summary>
    /// <returns>How many reports and messages.</returns>
    public long PurgeWaiting(IReadOnlyCollection<CursorKey> keys) => Commit(() => keys.Sum(_store.PurgeWaiting));

    public void Dispose() => _store.Dispose();

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException exception)
        {
            throw new OutboxException($"{Path} cannot be read: {exception.Message}", exception);
        }
    }

    private T Commit<T>(Func<T> work)
    {
        try
        {
            return _store.InTransaction(durable: true, work);
        }
        catch (SqliteException exception)
        {
            throw new OutboxException($"{Path} cannot be changed: {exception.Message}", exception);
        }
    }
}
