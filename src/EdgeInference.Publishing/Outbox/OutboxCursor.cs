using System.Threading.Channels;

namespace EdgeInference.Publishing.Outbox;

/// <summary>
/// One publisher's way through the reports of one stream, kept on disk. Used by one task, which delivers what it reads
/// and then says so; what was read and not yet said to be delivered is read again after a restart.
/// </summary>
public sealed class OutboxCursor
{
    // Of payloads and pictures that are read ahead: several large ones, and all of a full batch of small ones.
    private const long ReadAheadBytes = 4 << 20;

    private readonly ReportOutbox _outbox;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _position;
    private bool _hasRequeued = true;
    private int _unwritten;

    internal OutboxCursor(ReportOutbox outbox, OutboxReader reader)
    {
        _outbox = outbox;
        Reader = reader;
    }

    public CursorKey Key => Reader.Key;

    internal OutboxReader Reader { get; }

    /// <summary>Whether everything committed so far has been delivered, set aside or passed over.</summary>
    public bool IsUpToDate => _outbox.LastSeq <= Position;

    /// <summary>Everything up to this place has been delivered, set aside or passed over.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>The next reports, in order; waits for some.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="withJpeg">Whether with their pictures.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>None when there is only one to try again: see <see cref="ReadRequeuedAsync"/>.</returns>
    public async Task<IReadOnlyList<StoredReport>> ReadAsync(int count, bool withJpeg, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!IsUpToDate)
            {
                // All reports up to here belong to this stream or to others.
                long last = _outbox.LastSeq;
                List<StoredReport> reports = await _outbox.Enqueue(
                    isWrite: false, isDurable: false, store => store.Read(Reader, Position, count, ReadAheadBytes, withJpeg));
                if (reports.Count > 0)
                    return reports;
                RaiseTo(last);
            }

            if (Volatile.Read(ref _hasRequeued))
                return [];
            await _wake.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>The next report that was set aside and is to be tried again; null when there is none.</summary>
    /// <exception cref="OutboxException">It cannot be read now.</exception>
    public async Task<StoredReport?> ReadRequeuedAsync()
    {
        if (!Volatile.Read(ref _hasRequeued))
            return null;
        Volatile.Write(ref _hasRequeued, false);
        bool isDone = false;
        try
        {
            StoredReport? report = await _outbox.Enqueue(isWrite: false, isDurable: false, store => store.ReadRequeued(Key));
            isDone = report is null;
            return report;
        }
        finally
        {
            if (!isDone)
                Volatile.Write(ref _hasRequeued, true);
        }
    }

    /// <summary>Everything up to a place has been delivered.</summary>
    /// <param name="seq">The place of the last report delivered.</param>
    /// <param name="delivered">How many results were delivered.</param>
    /// <exception cref="OutboxException">This could not be written down: after a restart they are delivered again.</exception>
    public Task AdvanceAsync(long seq, int delivered)
    {
        RaiseTo(seq);
        _unwritten += delivered;
        return WriteAsync(isDurable: false, (store, unwritten) => store.Advance(Key, seq, unwritten));
    }

    /// <summary>The publisher will never take this report: it is kept, and the cursor goes on behind it.</summary>
    /// <exception cref="OutboxException">This could not be written down; the cursor stays where it is.</exception>
    public async Task SetAsideAsync(long seq, string reason)
    {
        await WriteAsync(isDurable: true, (store, unwritten) => store.SetAside(Key, seq, reason, _outbox.Now, unwritten));
        RaiseTo(seq);
    }

    /// <summary>A report that was set aside has been delivered after all.</summary>
    /// <exception cref="OutboxException">This could not be written down: it is delivered again.</exception>
    public Task CompleteRequeuedAsync(StoredReport stored) => _outbox.Enqueue(
        isWrite: true, isDurable: false, store => store.CompleteRequeued(Key, stored.Seq, stored.Report.Kind == ReportKind.Result ? 1 : 0));

    /// <summary>Passes over everything up to a place; never goes back, whoever else moves it.</summary>
    internal void RaiseTo(long position)
    {
        for (long current = Position; current < position;)
        {
            long before = current;
            current = Interlocked.CompareExchange(ref _position, position, before);
            if (current == before)
                return;
        }
    }

    /// <summary>Writes down where the cursor is, and what it has delivered since that was last possible.</summary>
    private async Task WriteAsync(bool isDurable, Action<OutboxStore, int> write)
    {
        int unwritten = _unwritten;
        await _outbox.Enqueue(isWrite: true, isDurable, store => write(store, unwritten));
        _unwritten -= unwritten;
    }

    /// <summary>There is something new. A wake-up that was not used yet does for this one too.</summary>
    internal void Wake() => _wake.Writer.TryWrite(true);

    internal void WakeForRequeued()
    {
        Volatile.Write(ref _hasRequeued, true);
        Wake();
    }
}
