using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing;

/// <summary>
/// A publisher with a bounded channel and a task of its own, so that a slow or failing one harms no other publisher.
/// What it cannot publish is lost, and counted: right for the log, and for reports that not even the outbox could take.
/// </summary>
internal sealed partial class PublisherQueue(string stream, string name, IPublisher publisher, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // Each report may carry a JPEG of some hundred kB: enough for a hiccup, little enough for a small box.
    private const int Capacity = 16;

    private readonly int _batchSize = publisher is IBatchPublisher batch ? Math.Min(batch.MaxReports, Capacity) : 1;

    private readonly Channel<Report> _reports = Channel.CreateBounded<Report>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,

        // Reports come from one loop, messages from another.
        SingleWriter = false,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private readonly OutageNews _news = new(time);
    private readonly ILogger _logger = logger;
    private bool _isTooSlow;
    private long _queued;
    private long _published;
    private long _lost;

    public string Name => name;

    public string Destination => publisher.Destination;

    public bool WantsJpeg => publisher.WantsJpeg;

    /// <summary>Results that got out.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>Results that did not get out: refused by a full queue, or failed.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Queues a report. With <paramref name="wait"/> it waits for room, otherwise a full queue costs the report.</summary>
    public async ValueTask EnqueueAsync(Report report, bool wait, CancellationToken cancellationToken)
    {
        if (report.Kind == ReportKind.Result)
            Interlocked.Increment(ref _queued);
        else if (!publisher.WantsMessages)
            return;
        if (_reports.Writer.TryWrite(report))
            return;
        if (wait)
        {
            await _reports.Writer.WriteAsync(report, cancellationToken);
            return;
        }

        CountLost(Results([report]));
        if (!_isTooSlow)
            LogQueueFull(stream, name, Capacity);
        _isTooSlow = true;
    }

    /// <summary>Nothing more will be queued; <see cref="RunAsync"/> ends when the rest is published.</summary>
    public void Complete() => _reports.Writer.TryComplete();

    /// <summary>Publishing has been given up: what is still queued or on its way is lost.</summary>
    public void Abandon() => Interlocked.Exchange(ref _lost, Interlocked.Read(ref _queued) - Published);

    /// <summary>Publishes until the queue is completed and empty, or the token ends it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A publisher may fail in any way; this loop is where that ends.")]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reports = new List<Report>(_batchSize);
        while (await _reports.Reader.WaitToReadAsync(cancellationToken))
        {
            reports.Clear();
            while (reports.Count < _batchSize && _reports.Reader.TryRead(out Report? report))
                reports.Add(report);
            int results = Results(reports);
            try
            {
                await PublishAsync(reports, cancellationToken);

                Interlocked.Add(ref _published, results);
                Say(_news.Work(), "");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                CountLost(results);
                Say(_news.Fail(), exception.Message);
            }
        }
    }

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    private ValueTask PublishAsync(List<Report> reports, CancellationToken cancellationToken) => publisher is IBatchPublisher batch
        ? batch.PublishAsync(reports, cancellationToken)
        : publisher.PublishAsync(reports[0], cancellationToken);

    private static int Results(IReadOnlyList<Report> reports)
    {
        int results = 0;
        foreach (Report report in reports)
            results += report.Kind == ReportKind.Result ? 1 : 0;
        return results;
    }

    private void CountLost(int results) => Interlocked.Add(ref _lost, results);
}
