using EdgeInference.Inference;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Inference;

public sealed class BusyTimeTests
{
    [Fact]
    public void Total_OverlappingRequests_CountsTheTimeOnce()
    {
        var time = new FakeTimeProvider();
        var busy = new BusyTime(time);

        busy.Begin();
        time.Advance(TimeSpan.FromSeconds(1));
        busy.Begin();
        time.Advance(TimeSpan.FromSeconds(1));
        busy.End();
        time.Advance(TimeSpan.FromSeconds(1));
        busy.End();
        time.Advance(TimeSpan.FromSeconds(10));
        busy.Begin();
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(5), busy.Total);
    }
}
