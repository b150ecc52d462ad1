namespace EdgeInference.TestServers;

/// <summary>All that has happened, in order; to be waited for.</summary>
internal sealed class NucleusJournal
{
    private readonly Lock _lock = new();
    private readonly List<NucleusClient> _clients = [];
    private readonly List<NucleusPublish> _publishes = [];
    private readonly List<NucleusPublish> _delivered = [];
    private readonly List<NucleusSubscription> _subscriptions = [];
    private readonly List<NucleusViolation> _violations = [];
    private TaskCompletionSource _changed = NewSignal();

    public IReadOnlyList<NucleusClient> Clients => Read(() => _clients.ToArray());

    /// <summary>Every request to publish, those that were refused included.</summary>
    public IReadOnlyList<NucleusPublish> Publishes => Read(() => _publishes.ToArray());

    /// <summary>What the cloud has, in the order in which it got it.</summary>
    public IReadOnlyList<NucleusPublish> Delivered => Read(() => _delivered.ToArray());

    public IReadOnlyList<NucleusSubscription> Subscriptions => Read(() => _subscriptions.ToArray());

    public IReadOnlyList<NucleusViolation> Violations => Read(() => _violations.ToArray());

    /// <summary>The delivered texts of a topic, each at its first arrival.</summary>
    public IReadOnlyList<string> FirstArrivals(string topic) =>
        [.. Delivered.Where(publish => publish.Topic == topic).Select(static publish => publish.Text).Distinct()];

    public void Add(NucleusClient client) => Change(() => _clients.Add(client));

    public void Add(NucleusPublish publish) => Change(() => _publishes.Add(publish));

    public void Add(NucleusSubscription subscription) => Change(() => _subscriptions.Add(subscription));

    public void Add(NucleusViolation violation) => Change(() => _violations.Add(violation));

    public void Settle(NucleusPublish publish, NucleusOutcome outcome, string error = "") => Change(() =>
    {
        publish.Outcome = outcome;
        publish.Error = error;
        if (outcome == NucleusOutcome.Delivered)
            _delivered.Add(publish);
    });

    /// <summary>Makes a change that others may be waiting for.</summary>
    public void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>The client has ended a stream.</summary>
    public void End(int connection, int stream) => Change(() =>
    {
        if (_publishes.Find(publish => publish.Connection == connection && publish.Stream == stream) is { } publish)
            publish.IsEnded = true;
    });

    /// <summary>Waits until clients of nucleus Lite have the answers to so many publish requests.</summary>
    public Task WaitForAnswersAsync(int count) => WaitAsync(() => _publishes.Count(static publish => publish.IsEnded) >= count, $"{count} answers taken");

    public Task WaitForPublishesAsync(int count) => WaitAsync(() => _publishes.Count >= count, $"{count} publish requests");

    /// <summary>Waits for a message whose text holds another.</summary>
    public Task WaitForDeliveryAsync(string text) =>
        WaitAsync(() => _delivered.Exists(publish => publish.Text.Contains(text, StringComparison.Ordinal)), $"a message with '{text}'");

    public Task WaitForSubscriptionsAsync(int count) => WaitAsync(() => _subscriptions.Count >= count, $"{count} subscriptions");

    /// <summary>Returns when it is so; fails after half a minute.</summary>
    public async Task WaitAsync(Func<bool> isSo, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (isSo())
                    return;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"After half a minute the nucleus has not seen {what}, but {this}", exception);
            }
        }
    }

    public override string ToString() =>
        $"{Clients.Count} connections, {Publishes.Count} publish requests, {Delivered.Count} delivered, violations: {string.Join(", ", Violations)}";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }
}
