namespace EdgeInference.Integration.Tests.Durability;

/// <summary>All that is known to have been committed, and whether it has arrived.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<Guid, CommittedReport> _committed = [];

    /// <summary>Reports that were still in the outbox after some kill; the others had been delivered to everybody by then.</summary>
    public int Witnessed => _committed.Count;

    public void Add(OutboxSnapshot snapshot)
    {
        foreach (CommittedReport report in snapshot.Reports)
        {
            // What is committed stays as it is, over all kills.
            if (!_committed.TryAdd(report.Id, report))
                Assert.Equal(_committed[report.Id], report);
        }
    }

    /// <param name="arrivals">What the servers have.</param>
    /// <param name="lastSeq">How many reports were committed in all: their places have no gaps.</param>
    public void Check(Arrivals arrivals, long lastSeq)
    {
        CheckRepeats(arrivals.Mqtt);
        CheckRepeats(arrivals.Kinesis);
        CheckRepeats(arrivals.Webhook);

        HashSet<Guid> all = [.. arrivals.Mqtt.Select(static arrival => arrival.Id)];
        Assert.Empty(_committed.Keys.Except(all));
        Assert.Equal(lastSeq, all.Count);

        foreach (string stream in Installation.Streams)
        {
            List<Arrival> first = FirstDeliveries(arrivals.Mqtt, stream);
            CheckOrder(first);
            List<Arrival> results = [.. first.Where(static arrival => arrival.IsResult)];
            Assert.NotEmpty(results);
            Assert.Equal(results, FirstDeliveries(arrivals.Kinesis, stream));
            Assert.Equal(results, FirstDeliveries(arrivals.Webhook, stream));
        }

        string[] pictures = [.. arrivals.Mqtt.Where(static arrival => arrival.IsResult).Select(static arrival => $"{arrival.Stream}/{arrival.Id}.jpg").Distinct().Order()];
        Assert.Equal(pictures, arrivals.S3.Order());
        Assert.Equal(pictures, arrivals.LocalJpeg.Order());
    }

    private static List<Arrival> FirstDeliveries(IEnumerable<Arrival> arrivals, string stream) =>
        [.. arrivals.Where(arrival => arrival.Stream == stream).DistinctBy(static arrival => arrival.Id)];

    /// <summary>What carries an id that was there before is the same report once more.</summary>
    private void CheckRepeats(IReadOnlyList<Arrival> arrivals)
    {
        foreach (IGrouping<Guid, Arrival> same in arrivals.GroupBy(static arrival => arrival.Id))
        {
            Arrival report = Assert.Single(same.Distinct());
            if (_committed.TryGetValue(same.Key, out CommittedReport? committed))
                Assert.Equal((committed.Stream, committed.IsResult, committed.Payload), (report.Stream, report.IsResult, report.Payload));
        }
    }

    /// <summary>By the places in the outbox where they were seen, and all results by the times of their frames, which stand at the beginning of an id.</summary>
    private void CheckOrder(List<Arrival> first)
    {
        long[] seqs = [.. first.Select(arrival => _committed.GetValueOrDefault(arrival.Id)?.Seq).OfType<long>()];
        Assert.Equal(seqs.Order(), seqs);
        string[] times = [.. first.Where(static arrival => arrival.IsResult).Select(static arrival => arrival.Id.ToString()[..13])];
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
    }
}
