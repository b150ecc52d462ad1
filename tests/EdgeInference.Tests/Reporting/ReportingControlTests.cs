using EdgeInference.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Reporting;

public sealed class ReportingControlTests
{
    private static readonly ReportReceipt Receipt = new(Guid.NewGuid(), DateTimeOffset.UnixEpoch, 7);

    private readonly FakeTimeProvider _time = new();
    private readonly ReportingControl _control = new(TimeSpan.FromSeconds(1));

    [Fact]
    public async Task RequestReportAsync_NothingIsMade_EndsInTimeAndIsForgotten()
    {
        Task<ReportReceipt?> request = RequestAsync(seconds: 10);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(request.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Null(await request);
        Assert.False(_control.IsRequested);
        Assert.Null(_control.Take(Receipt));
    }

    /// <summary>A report that comes late is still made for the one who has come later.</summary>
    [Fact]
    public async Task RequestReportAsync_FirstGivesUp_IsKeptForTheSecond()
    {
        Task<ReportReceipt?> first = RequestAsync(seconds: 10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Task<ReportReceipt?> second = RequestAsync(seconds: 10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await first);

        Assert.True(_control.IsRequested);
        _control.Take(Receipt)!.Complete();

        Assert.Equal(Receipt, await second);
    }

    [Fact]
    public async Task RequestReportAsync_WhileOneIsBeingPublished_IsAnother()
    {
        Task<ReportReceipt?> first = RequestAsync(seconds: 10);
        ReportRequest taken = _control.Take(Receipt)!;

        Task<ReportReceipt?> second = RequestAsync(seconds: 10);

        taken.Complete();
        Assert.Equal(Receipt, await first);
        Assert.False(second.IsCompleted);
        Assert.True(_control.IsRequested);
    }

    /// <summary>It is made after all, so nobody may be told that there is none.</summary>
    [Fact]
    public async Task RequestReportAsync_PublishersHaveNoRoomInTime_TellsOfTheReport()
    {
        Task<ReportReceipt?> request = RequestAsync(seconds: 10);
        ReportRequest taken = _control.Take(Receipt)!;

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(Receipt with { IsHeldUp = true }, await request);
        taken.Complete();
    }

    [Fact]
    public async Task RequestReportAsync_Cancelled_IsForgotten()
    {
        using var stop = new CancellationTokenSource();
        Task<ReportReceipt?> request = _control.RequestReportAsync(TimeSpan.FromSeconds(10), _time, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.False(_control.IsRequested);
    }

    [Fact]
    public async Task RequestReportAsync_FromManyThreads_AreAllAnswered()
    {
        const int Requests = 2000;
        using var over = new CancellationTokenSource();
        Task reporting = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
                _control.Take(Receipt)?.Complete();
        });

        await Parallel.ForAsync(0, Requests, async (_, token) => Assert.Equal(Receipt, await _control.RequestReportAsync(TimeSpan.FromMinutes(1), TimeProvider.System, token)));

        await over.CancelAsync();
        await reporting;
        Assert.False(_control.IsRequested);
    }

    private Task<ReportReceipt?> RequestAsync(double seconds) => _control.RequestReportAsync(TimeSpan.FromSeconds(seconds), _time, CancellationToken.None);
}
