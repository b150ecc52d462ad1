using EdgeInference.Publishing.Connections;

namespace EdgeInference.Publishing.Tests.Connections;

/// <summary>Each report has a confirmation that the test completes, and may have a fault for which it is not sent.</summary>
public sealed class BatchSenderTests : IDisposable
{
    private const int Count = 5;

    private static readonly PublishException Refusal = new(PublishFailure.Permanent, "refused");
    private static readonly PublishException Fault = new(PublishFailure.Final, "not sent");

    private readonly Report[] _reports = [.. Enumerable.Range(0, Count).Select(static number => TestReports.Numbered(number))];
    private readonly TaskCompletionSource<PublishException?>[] _confirmations =
        [.. Enumerable.Range(0, Count).Select(static _ => new TaskCompletionSource<PublishException?>(TaskCreationOptions.RunContinuationsAsynchronously))];

    private readonly CancellationTokenSource _stop = new();
    private readonly List<int> _sent = [];

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task SendAsync_AllAreConfirmed_SendsAllBeforeTheFirstIs()
    {
        Task sending = SendAsync();
        Assert.Equal([0, 1, 2, 3, 4], _sent);
        await GoesOnAsync(sending);

        for (int i = Count - 1; i >= 0; i--)
            _confirmations[i].SetResult(null);

        await sending.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task SendAsync_FaultInTheMidst_SendsNoMoreAndWaitsForThoseBefore()
    {
        Task sending = SendAsync(faulty: 3);
        Confirm(0, 2);
        await GoesOnAsync(sending);
        Confirm(1);

        await FailsAsync(sending, Fault, delivered: 3);
        Assert.Equal([0, 1, 2], _sent);
    }

    [Fact]
    public async Task SendAsync_OneIsRefused_WaitsForAllOnTheirWayAndCountsThoseBefore()
    {
        Task sending = SendAsync();
        Confirm(0, 1);
        _confirmations[2].SetResult(Refusal);
        Confirm(3);
        await GoesOnAsync(sending);
        Confirm(4);

        await FailsAsync(sending, Refusal, delivered: 2);
    }

    [Fact]
    public async Task SendAsync_FaultBehindARefusedOne_IsTheRefusal()
    {
        Task sending = SendAsync(faulty: 3);
        Confirm(0);
        _confirmations[1].SetResult(Refusal);
        Confirm(2);

        await FailsAsync(sending, Refusal, delivered: 1);
    }

    [Fact]
    public async Task SendAsync_RefusedBeforeTheNextIsSent_SendsNoMore()
    {
        _confirmations[0].SetResult(null);
        _confirmations[1].SetResult(Refusal);

        await FailsAsync(SendAsync(), Refusal, delivered: 1);
        Assert.Equal([0, 1], _sent);
    }

    [Fact]
    public async Task SendAsync_StopInTheMidst_CountsThoseFromTheFirst()
    {
        Task sending = SendAsync();
        Confirm(0, 1, 3);
        await _stop.CancelAsync();

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => sending.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal((PublishFailure.Temporary, 2), (exception.Failure, exception.Delivered));
    }

    [Fact]
    public async Task SendAsync_StopWithNoneConfirmed_IsCancelled()
    {
        Task sending = SendAsync();
        Confirm(1);
        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task SendAsync_OneWaitsForOthers_IsSentWhenTheyHaveArrived()
    {
        Task sending = SendAsync(waiting: 2);
        Assert.Equal([0, 1], _sent);

        Confirm(0, 1, 2, 3, 4);
        await sending.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([0, 1, 2, 3, 4], _sent);
    }

    [Fact]
    public async Task SendAsync_RefusedBeforeOneThatWaits_DoesNotSendIt()
    {
        Task sending = SendAsync(waiting: 2);
        Confirm(0);
        _confirmations[1].SetResult(Refusal);

        await FailsAsync(sending, Refusal, delivered: 1);
        Assert.Equal([0, 1], _sent);
    }

    /// <summary>That nothing happens cannot be awaited: a sender that is done too early has the time to show it.</summary>
    private static async Task GoesOnAsync(Task sending)
    {
        await Task.WhenAny(sending, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        Assert.False(sending.IsCompleted);
    }

    private static async Task FailsAsync(Task sending, PublishException reason, int delivered)
    {
        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => sending.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal((reason.Failure, reason.Message, delivered), (exception.Failure, exception.Message, exception.Delivered));
    }

    private void Confirm(params int[] numbers)
    {
        foreach (int number in numbers)
            _confirmations[number].SetResult(null);
    }

    private Task SendAsync(int faulty = -1, int waiting = -1)
    {
        return new BatchSender().SendAsync(_reports, TrySendAsync, report => NumberOf(report) == waiting, _stop.Token);

        Task<(PublishException? Fault, Task<PublishException?>? Confirmation)> TrySendAsync(Report report)
        {
            int number = NumberOf(report);
            if (number == faulty)
                return Task.FromResult<(PublishException?, Task<PublishException?>?)>((Fault, null));
            _sent.Add(number);
            return Task.FromResult<(PublishException?, Task<PublishException?>?)>((null, _confirmations[number].Task));
        }
    }

    private int NumberOf(Report report) => Array.IndexOf(_reports, report);
}
