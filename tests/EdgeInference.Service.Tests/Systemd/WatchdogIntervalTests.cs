using EdgeInference.Service.Systemd;

namespace EdgeInference.Service.Tests.Systemd;

public sealed class WatchdogIntervalTests
{
    [Theory]
    [InlineData("60000000", null, 60)]
    [InlineData("500000", "42", 0.5)]
    public void Find_OurWatchdog_IsItsInterval(string microseconds, string? processId, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Find(microseconds, processId));

    [Theory]
    [InlineData(null, null)]
    [InlineData("60000000", "41")]
    [InlineData("0", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    public void Find_NoneOrAnotherProcesss_IsNull(string? microseconds, string? processId) => Assert.Null(Find(microseconds, processId));

    private static TimeSpan? Find(string? microseconds, string? processId) =>
        WatchdogInterval.Find(new Dictionary<string, string?> { ["WATCHDOG_USEC"] = microseconds, ["WATCHDOG_PID"] = processId }, processId: 42);
}
