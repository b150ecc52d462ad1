using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <content>Evicting, telling of it, and whatever somebody else did to the file.</content>
public sealed partial class ReportOutbox
{
    // Eviction goes on a little below the limit, so that it does not run with every small commit, but holds up none for long.
    private const long MostSlack = 1_000_000;

    /// <summary>What nobody waits for: it is tried again with the next report, or a little later.</summary>
    private void TryMaintain(Action<OutboxStore> work)
    {
        if (_store is null)
            return;
        try
        {
            try
            {
                work(_store);
            }
            catch (SqliteException exception) when (OutboxFile.IsDamage(exception))
            {
                ReplaceDamaged(exception.Message);
            }

            _maintenanceFault = null;
        }
        catch (SqliteException exception)
        {
            SayMaintenanceFailed(Explain(exception).Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SayMaintenanceFailed(Explain(exception).Message);
        }
    }

    private void SayMaintenanceFailed(string reason)
    {
        if (_maintenanceFault != reason)
            LogMaintenanceFailed(reason);
        _maintenanceFault = reason;
    }

    private void EnqueueMaintenance()
    {
        // On a disk that is slower than the interval, once is enough.
        if (Interlocked.Exchange(ref _isMaintenanceDue, true))
            return;
        _thread.Enqueue(new OutboxThread.Job<bool>(
            _ =>
            {
                Volatile.Write(ref _isMaintenanceDue, false);
                TryMaintain(Maintain);
                return true;
            },
            isWrite: false,
            isDurable: false));
    }

    private void Maintain(OutboxStore store)
    {
        if (!File.Exists(Path))
            store = WriteAnew(store);

        // Another process may have given up what waits for a publisher.
        foreach ((CursorKey key, long position) in store.ReadCursors())
        {
            if (_cursors.TryGetValue(key, out OutboxCursor? cursor))
                cursor.RaiseTo(position);
        }

        if (_options.MaxAge > TimeSpan.Zero)
        {
            DateTimeOffset oldest = _time.GetUtcNow() - _options.MaxAge;
            Evict(store, () => store.EvictOlderThan(oldest, $"they were older than {_options.MaxAge}"));
        }

        _notices.Find(store);
        TellEvictions(store);
        foreach (CursorKey key in store.FindRequeued())
        {
            if (_cursors.TryGetValue(key, out OutboxCursor? cursor))
                cursor.WakeForRequeued();
        }
    }

    /// <summary>The file was removed: SQLite would go on writing into one without a name, which goes with this process.</summary>
    private OutboxStore WriteAnew(OutboxStore store)
    {
        try
        {
            _file!.Create();
            store.CopyTo(Path);
        }
        catch
        {
            // What is there would pass for the whole outbox.
            File.Delete(Path);
            throw;
        }

        store.Dispose();
        _store = null;
        BeginNew();
        LogRemoved(Path);
        return _store!;
    }

    private void EvictExcess(OutboxStore store)
    {
        long limit = _options.LimitMegabytes * MegaByte;
        if (store.UsedBytes <= limit)
            return;
        Evict(store, () => store.EvictBytes(store.UsedBytes - limit + Math.Min(limit / 100, MostSlack), $"the limit of {_options.LimitMegabytes} MB is reached"));
        TellEvictions(store);
    }

    /// <summary>Evicts step by step, each a transaction, until nothing is left to evict.</summary>
    private void Evict(OutboxStore store, Func<Eviction> step)
    {
        Eviction eviction;
        do
        {
            eviction = store.InTransaction(durable: false, step);
            _notices.AddEvictions(eviction.Streams);
        }
        while (eviction.Deleted > 0);
    }

    private void TellEvictions(OutboxStore store)
    {
        foreach ((string stream, string notice) in _notices.TellEvictions(store))
            LogNotice(stream, notice);
    }
}
