using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <content>Opening the file, and whose it is.</content>
public sealed partial class ReportOutbox
{
    // Less is read in a moment by any disk.
    private const long MuchToCheck = 100 * MegaByte;

    private void OpenStore()
    {
        try
        {
            if (FindDamage() is { } damage)
                ReplaceDamaged(damage);

            _lastSeq = _store!.LastSeq;
        }
        catch (SqliteException exception)
        {
            throw Explain(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Explain(exception);
        }
    }

    /// <summary>Opens the file as it is.</summary>
    /// <returns>What is wrong with it; null when it can be used.</returns>
    private string? FindDamage()
    {
        long bytesToCheck = BytesToCheck;
        try
        {
            _store = new OutboxStore(_file!.Path, isOwner: true);
            if (bytesToCheck > MuchToCheck)
                LogChecking(Path, bytesToCheck / MegaByte);
            if (((bytesToCheck > 0 ? _store.FindDamage() : null) ?? _store.FindDisorder()) is { } damage)
                return damage;
            SetCursors();
            return null;
        }
        catch (SqliteException exception) when (OutboxFile.IsDamage(exception) || exception.SqliteErrorCode is WrongStatement or Constraint or ReadOnly)
        {
            // Our statements fit tables that are as the version of the file says, and the file has just been opened for
            // writing: where a header says that it is not to be written, the header is damaged.
            return exception.Message;
        }
    }

    private void PutAside(string damage)
    {
        _store?.Dispose();
        _store = null;
        string aside = _file!.PutAside(_time.GetUtcNow());
        LogDamaged(_file.Path, damage, aside);
    }

    /// <summary>Begins a new file; places are counted on, so that no cursor passes over new reports.</summary>
    private void BeginNew()
    {
        var store = new OutboxStore(Path, isOwner: true);
        try
        {
            store.InTransaction(durable: true, () => store.BeginAt(_lastSeq));
        }
        catch
        {
            store.Dispose();
            throw;
        }

        _store = store;
        SetCursors();
    }

    private Dictionary<CursorKey, OutboxCursor> CursorsFor(IReadOnlyList<OutboxReader> readers) => readers.ToDictionary(
        static reader => reader.Key,
        reader => _cursors.TryGetValue(reader.Key, out OutboxCursor? known) && known.Reader == reader ? known : new OutboxCursor(this, reader));

    private OutboxReader[] Readers => [.. _cursors.Values.Select(static cursor => cursor.Reader)];

    private void SetCursors()
    {
        Dictionary<CursorKey, long> positions;
        try
        {
            positions = _store!.InTransaction(durable: true, () => WriteCursors(_store));
            EndSetting();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Full)
        {
            // What is there can be delivered all the same; they are set when there is room.
            positions = _store!.ReadCursors();
            _cursorsAreSet = false;
        }

        foreach (OutboxCursor cursor in _cursors.Values)
            cursor.RaiseTo(positions.TryGetValue(cursor.Key, out long position) ? position : _store.LastSeq);
        foreach (CursorStatistics left in _store.ReadStatistics().Where(static cursor => !cursor.IsConfigured && cursor.Waiting > 0))
            LogNotConfigured(left.Key.Stream, left.Key.Publisher, left.Waiting);
    }

    /// <summary>
    /// Makes the publishers that are configured those of the file. One that nobody has used yet may take the place of a damaged
    /// one; what to say of that is written with its first cursors, so that a kill in between loses nothing.
    /// </summary>
    private Dictionary<CursorKey, long> WriteCursors(OutboxStore store)
    {
        store.AllowNotices();
        foreach (string aside in store.IsNew ? _file!.UntoldDamage : [])
        {
            foreach (string stream in _cursors.Keys.Select(static key => key.Stream).Distinct(StringComparer.Ordinal))
                store.AddNotice(stream, $"Outbox: the file was damaged and put aside as {aside}; reports that waited in it are not delivered");
        }

        Dictionary<CursorKey, long> positions = store.SetCursors(Readers);
        _notices.Find(store);
        return positions;
    }

    /// <summary>The cursors are committed, and with them what is to be told.</summary>
    private void EndSetting()
    {
        _cursorsAreSet = true;
        _file!.EndDamage();
    }
}
