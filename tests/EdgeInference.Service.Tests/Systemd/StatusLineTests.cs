using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Systemd;
using static EdgeInference.Service.Tests.Systemd.Views;

namespace EdgeInference.Service.Tests.Systemd;

public sealed class StatusLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void OfStreams_AllRun_CountsThem()
    {
        Assert.Equal("1 stream: 1 runs", StatusLine.OfStreams([Running("a")]));
        Assert.Equal("3 streams: 3 run", StatusLine.OfStreams([Running("a"), Running("b"), Running("c")]));
    }

    [Fact]
    public void OfStreams_SomeDoNotRun_NamesThemAndSaysWhy() => Assert.Equal(
        "6 streams: 1 runs, b connecting, c lost, d compiling its model, 1 more do not run, 1 ended",
        StatusLine.OfStreams([Running("a"), Running("b", activity: Connecting), Running("c", activity: Lost), Starting("d"), Faulted("e"), Ended("f")]));

    [Fact]
    public void OfStreams_OneHasFailed_SaysSo() => Assert.Equal("1 stream: a failed", StatusLine.OfStreams([Faulted("a")]));

    [Fact]
    public void OfStreams_LongNames_AreCut()
    {
        string line = StatusLine.OfStreams([.. Enumerable.Range(0, 50).Select(static n => Faulted(new string('x', 60) + n))]);

        Assert.StartsWith("50 streams: xxxxxxxxxxxxxxxxxxxxxxx… failed, ", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 100, 150);
    }

    [Fact]
    public void OfDelivery_ReportsWait_CountsThemAndSaysHowOldTheyAre()
    {
        Assert.Equal("; 12 reports wait, oldest 00:05:10; 1 publisher failing", StatusLine.OfDelivery(new OutboxBacklog(12, IsAll: true, Now.AddSeconds(-310.9)), failing: 1, Now));
        Assert.Equal("; 1 report waits, oldest 3.00:00:00", StatusLine.OfDelivery(new OutboxBacklog(1, IsAll: true, Now.AddDays(-3)), failing: 0, Now));
        Assert.Equal("; more than 10000 reports wait, oldest 00:00:01", StatusLine.OfDelivery(new OutboxBacklog(10_000, IsAll: false, Now.AddSeconds(-1)), failing: 0, Now));
    }

    [Fact]
    public void OfDelivery_NothingWaits_IsEmpty() => Assert.Equal("", StatusLine.OfDelivery(OutboxBacklog.None, failing: 0, Now));

    /// <summary>The clock of a box without a battery is put right once there is a network.</summary>
    [Fact]
    public void OfDelivery_ClockWasPutBack_IsNotNegative() =>
        Assert.Equal("; 1 report waits, oldest 00:00:00", StatusLine.OfDelivery(new OutboxBacklog(1, IsAll: true, Now.AddDays(1)), failing: 0, Now));

    [Fact]
    public void OfRate_OneDecimal() => Assert.Equal("; 98.7 frames/s", StatusLine.OfRate(98.74));
}
