using Microsoft.Data.Sqlite;

namespace EdgeInference.Publishing.Outbox;

/// <content>What runs on the outbox's thread.</content>
public sealed partial class ReportOutbox
{
    // https://sqlite.org/rescode.html
    private const int WrongStatement = 1;
    private const int Full = 13;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int TooBig = 18;
    private const int Constraint = 19;

    private void Process(IReadOnlyList<OutboxThread.Job> group)
    {
        List<OutboxThread.Job> writes = [.. group.Where(static job => job.IsWrite)];
        if (writes.Count > 0)
            Write(writes);
        foreach (OutboxThread.Job read in group.Where(static job => !job.IsWrite))
            RunOne(read, () => read.Run(_store!));
    }

    /// <summary>Commits all writes together; where that fails, each by itself, so that one does not spoil the others.</summary>
    private void Write(List<OutboxThread.Job> writes)
    {
        long before = _lastSeq;
        if (writes.Count == 1 || _store is null || !TryCommit(writes))
        {
            foreach (OutboxThread.Job write in writes)
                RunOne(write, () => Commit([write]));
        }

        if (_lastSeq != before)
            TryMaintain(EvictExcess);
    }

    private bool TryCommit(List<OutboxThread.Job> writes)
    {
        try
        {
            Commit(writes);
        }
        catch (SqliteException)
        {
            return false;
        }

        foreach (OutboxThread.Job write in writes)
            write.Complete();
        return true;
    }

    private void Commit(List<OutboxThread.Job> writes)
    {
        _store!.InTransaction(writes.Exists(static write => write.IsDurable), () =>
        {
            // First of all, where a full disk had no room for them: what they are not there for, they would not get.
            if (!_cursorsAreSet)
                WriteCursors(_store);
            foreach (OutboxThread.Job write in writes)
                write.Run(_store);
        });
        if (!_cursorsAreSet)
            EndSetting();

        // Before those who wait for the commit go on: they may ask whether everything is delivered.
        long lastSeq = _store.LastSeq;
        if (lastSeq == _lastSeq)
            return;
        Volatile.Write(ref _lastSeq, lastSeq);
        foreach (OutboxCursor cursor in _cursors.Values)
            cursor.Wake();
    }

    /// <summary>Runs one job, once more on a new file where the old one turns out to be damaged.</summary>
    private void RunOne(OutboxThread.Job job, Action run)
    {
        try
        {
            try
            {
                // A replacement that failed half-way is gone on with.
                if (_store is null)
                    BeginNew();
                run();
            }
            catch (SqliteException exception) when (OutboxFile.IsDamage(exception))
            {
                ReplaceDamaged(exception.Message);
                run();
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == Full)
            {
                _store!.EmptyLog();
                run();
            }

            job.Complete();
        }
        catch (SqliteException exception)
        {
            job.Fail(Explain(exception));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            job.Fail(Explain(exception));
        }
    }

    private void ReplaceDamaged(string damage)
    {
        PutAside(damage);
        BeginNew();
    }

    private OutboxException Explain(Exception exception) =>
        new($"{Path} cannot be used: {exception.Message}", exception) { IsTemporary = true };

    private OutboxException Explain(SqliteException exception) => new(
        exception.SqliteErrorCode switch
        {
            Full => $"no space left on the disk of {Path}; reports are refused until there is room",
            ReadOnly => $"{Path} cannot be written: its disk is read-only, or it belongs to another user",
            InputOutput => $"the disk of {Path} does not work: {exception.Message}",
            TooBig => $"the report is too large for {Path}",
            _ => $"{Path}: {exception.Message}",
        },
        exception)
    {
        IsTemporary = true,
    };
}
