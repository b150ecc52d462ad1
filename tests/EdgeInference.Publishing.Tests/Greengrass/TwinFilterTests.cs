using System.Text;
using EdgeInference.Publishing.Greengrass;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class TwinFilterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TwinFilter _filter;

    public TwinFilterTests() => _filter = new TwinFilter(_time);

    /// <summary>Subscription and payload of each message, as they come; what is let through.</summary>
    [Theory]
    [InlineData("1a 2a", "a")]
    [InlineData("2a 1a", "a")]
    [InlineData("1a 1b 2a 2b", "ab")]
    [InlineData("1a 2b 2a 1b", "ab")]
    [InlineData("1a 1a 2a 2a", "aa")]
    [InlineData("1a 2a 1a 2a", "aa")]
    [InlineData("1a 1a", "aa")]
    [InlineData("2a 2b", "ab")]
    public void IsTwin_TwoSubscriptions_LetsEachMessageThroughOnce(string arriving, string let)
    {
        IEnumerable<char> through = arriving.Split(' ').Where(message => !IsTwin(message[0] - '0', $"{message[1]}")).Select(static message => message[1]);

        Assert.Equal(let, new string([.. through]));
    }

    [Fact]
    public void IsTwin_SameCommandLater_IsAnother()
    {
        Assert.False(IsTwin(1, "a"));
        _time.Advance(TwinFilter.MostApart + TimeSpan.FromTicks(1));

        Assert.False(IsTwin(2, "a"));
    }

    [Fact]
    public void IsTwin_AfterForgetting_IsAnother()
    {
        Assert.False(IsTwin(1, "a"));
        _filter.Forget();

        Assert.False(IsTwin(2, "a"));
    }

    private bool IsTwin(int subscription, string payload) => _filter.IsTwin(subscription, Encoding.UTF8.GetBytes(payload));
}
