using System.Diagnostics;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Outbox;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>What was appended and delivered, and how long it took.</summary>
internal sealed class Progress
{
    // When the report of each number was appended, in a ring: what is delivered was appended not that long ago.
    private readonly long[] _appendedAt = new long[1 << 20];
    private long _appended;
    private long _delivered;

    public long Appended => Interlocked.Read(ref _appended);

    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>How long <see cref="ReportOutbox.AppendAsync"/> takes.</summary>
    public Latencies Commit { get; } = new();

    /// <summary>From the call of <see cref="ReportOutbox.AppendAsync"/> to the confirmation of the broker for the batch of the report.</summary>
    public Latencies Delivery { get; } = new();

    /// <summary>Appends some reports of one stream with one call, as its publisher does with what has gathered meanwhile.</summary>
    public async Task AppendAsync(ReportOutbox outbox, int stream, long first, int count, ReadOnlyMemory<byte>? picture)
    {
        var reports = new Report[count];
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            long number = ((first + i) * OutboxRig.Streams.Length) + stream;
            _appendedAt[number % _appendedAt.Length] = started;
            reports[i] = ReportSource.Create(OutboxRig.Streams[stream], number, picture);
        }

        await outbox.AppendAsync(reports);
        Commit.AddSince(started);
        Interlocked.Add(ref _appended, count);
    }

    public void AddDelivered(IReadOnlyList<Report> reports)
    {
        Interlocked.Add(ref _delivered, reports.Count);
        for (int i = 0; i < reports.Count; i++)
            Delivery.AddSince(_appendedAt[ReportSource.NumberOf(reports[i]) % _appendedAt.Length]);
    }

    /// <summary>Appends reports of all streams at a rate until a time is over.</summary>
    public async Task AppendPacedAsync(ReportOutbox outbox, int rate, TimeSpan duration, long firstOfStream, ReadOnlyMemory<byte>? picture)
    {
        double perStream = (double)rate / OutboxRig.Streams.Length;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, OutboxRig.Streams.Length).Select(ProduceAsync));

        async Task ProduceAsync(int stream)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(0.001, 1 / perStream)));
            long sent = 0;
            while (Stopwatch.GetElapsedTime(started) < duration && await timer.WaitForNextTickAsync())
            {
                int due = (int)((perStream * Stopwatch.GetElapsedTime(started).TotalSeconds) - sent);
                if (due == 0)
                    continue;
                await AppendAsync(outbox, stream, firstOfStream + sent, due, picture);
                sent += due;
            }
        }
    }

    /// <summary>Appends reports of all streams as fast as it goes.</summary>
    public Task AppendFastAsync(ReportOutbox outbox, int perCall, Func<bool> isEnough) =>
        Task.WhenAll(Enumerable.Range(0, OutboxRig.Streams.Length).Select(async stream =>
        {
            for (long first = 0; !isEnough(); first += perCall)
                await AppendAsync(outbox, stream, first, perCall, picture: null);
        }));
}
