using System.Collections;
using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Greengrass;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class RefusalWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RefusalWatch _watch;

    public RefusalWatchTests() => _watch = new RefusalWatch(_time);

    [Fact]
    public void Fail_ClosedOftenAndLong_IsAnInvalidToken()
    {
        Assert.False(Close(after: 0));
        Assert.False(Close(after: 5));
        Assert.False(Close(after: 5));
        Assert.False(Close(after: 5));
        Assert.False(Close(after: 4.9));
        Assert.True(Close(after: 0.1));
    }

    [Fact]
    public void Fail_ClosedSeldomButLong_IsUndecided()
    {
        Assert.False(Close(after: 0));
        Assert.False(Close(after: 60));
        Assert.False(Close(after: 60));
        Assert.False(Close(after: 60));
        Assert.True(_watch.IsSuspicious);
        Assert.True(Close(after: 60));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fail_ClosedOnlyNowAndThen_IsUndecidedForEver(bool isAccepted)
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.False(Close(after: 30));
            Assert.False(Close(after: 30));
            if (isAccepted)
                _watch.Accept();
            else
                Assert.False(_watch.Fail(IpcTroubleKind.Away));
            Assert.False(_watch.IsSuspicious);
        }
    }

    [Fact]
    public void Fail_TokenRefused_IsCertain() => Assert.True(_watch.Fail(IpcTroubleKind.Refuses));

    private bool Close(double after)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        return _watch.Fail(IpcTroubleKind.Closes);
    }
}

public sealed class EchoTrustTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Lose_BeforeAnythingCameBack_IsGivenUpForAWhile()
    {
        var trust = new EchoTrust(null, _time);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 1; i < EchoTrust.Several; i++)
                Assert.Equal(i % 2 == 0 ? EchoLoss.Doubt : EchoLoss.Repeat, trust.Lose());
            Assert.True(trust.Watches);

            Assert.Equal(EchoLoss.GiveUp, trust.Lose());

            Assert.False(trust.Watches);
            _time.Advance(EchoTrust.AfterLosses);
            Assert.True(trust.Watches);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public void Lose_AfterSomethingCameBackOrWhereItMust_IsNeverGivenUp(bool? confirm)
    {
        var trust = new EchoTrust(confirm, _time);
        Assert.Equal(confirm == true, trust.IsStrict);
        if (confirm is null)
            trust.Prove();
        Assert.True(trust.IsStrict);
        for (int i = 0; i < 100; i++)
            Assert.NotEqual(EchoLoss.GiveUp, trust.Lose());
        Assert.True(trust.Watches);
    }

    [Fact]
    public void Prove_BetweenLosses_BeginsANewRow()
    {
        var trust = new EchoTrust(null, _time);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(EchoLoss.Repeat, trust.Lose());
            trust.Prove();
        }
    }

    [Fact]
    public void Watches_OptionFalse_Never() => Assert.False(new EchoTrust(false, _time).Watches);

    [Fact]
    public void GiveUp_ForGood_StaysSo()
    {
        var trust = new EchoTrust(null, _time);
        trust.GiveUp();
        _time.Advance(TimeSpan.FromDays(100));

        Assert.False(trust.Watches);
    }
}

public sealed class GreengrassPublisherOptionsTests
{
    [Theory]
    [InlineData(1, true, true)]
    [InlineData(1, false, true)]
    [InlineData(0, null, true)]
    [InlineData(0, false, true)]
    [InlineData(0, true, false)]
    [InlineData(2, null, false)]
    [InlineData(-1, null, false)]
    public void Validate_QosAndConfirm_MustFit(int qos, bool? confirm, bool isValid)
    {
        var options = new GreengrassPublisherOptions { Qos = qos, Confirm = confirm };

        Assert.Equal(isValid, Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }
}

public sealed class FlightWindowTests
{
    [Fact]
    public async Task EnterAsync_MoreMessagesThanThereIsRoomFor_WaitInOrder()
    {
        var window = new FlightWindow(2, 1000);
        await window.EnterAsync(1, CancellationToken.None);
        await window.EnterAsync(1, CancellationToken.None);
        Task third = window.EnterAsync(1, CancellationToken.None);
        Task fourth = window.EnterAsync(1, CancellationToken.None);
        Assert.False(third.IsCompleted || fourth.IsCompleted);

        window.Leave(1);

        await third;
        Assert.False(fourth.IsCompleted);
    }

    [Fact]
    public async Task EnterAsync_LargeOne_GoesAloneAndIsNotOvertaken()
    {
        var window = new FlightWindow(10, 100);
        await window.EnterAsync(10, CancellationToken.None);
        Task large = window.EnterAsync(int.MaxValue, CancellationToken.None);
        Task small = window.EnterAsync(1, CancellationToken.None);
        Assert.False(large.IsCompleted || small.IsCompleted);

        window.Leave(10);
        await large;
        Assert.False(small.IsCompleted);
        window.Leave(int.MaxValue);
        await small;
    }

    [Fact]
    public async Task EnterAsync_GivenUp_LetsTheNextIn()
    {
        var window = new FlightWindow(10, 100);
        await window.EnterAsync(10, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        Task large = window.EnterAsync(100, cancellation.Token);
        Task small = window.EnterAsync(1, CancellationToken.None);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
    }
}

public sealed class NucleusEnvironmentTests
{
    [Theory]
    [InlineData("/var/lib/greengrass/gg-ipc.socket", null, NucleusKind.Auto, NucleusKind.Lite)]
    [InlineData("/run/somewhere.sock", null, NucleusKind.Auto, NucleusKind.Lite)]
    [InlineData("/run/somewhere.sock", "/run/somewhere.sock", NucleusKind.Auto, NucleusKind.Classic)]
    [InlineData("/greengrass/v2/ipc.socket", null, NucleusKind.Auto, NucleusKind.Classic)]
    [InlineData("../../ipc.socket", null, NucleusKind.Auto, NucleusKind.Classic)]
    [InlineData("/greengrass/v2/ipc.socket", "/greengrass/v2/ipc.socket", NucleusKind.Lite, NucleusKind.Lite)]
    [InlineData("/var/lib/greengrass/gg-ipc.socket", null, NucleusKind.Classic, NucleusKind.Classic)]
    public void Find_Environment_TellsTheNucleus(string socket, string? ofClassic, NucleusKind option, NucleusKind expected)
    {
        Hashtable environment = GreengrassRig.Environment(socket, "t");
        if (ofClassic is not null)
            environment["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH"] = ofClassic;

        Assert.Equal(expected, NucleusEnvironment.Find(environment, new GreengrassOptions { Nucleus = option })!.Kind);
    }

    [Theory]
    [InlineData("", "t")]
    [InlineData("/s", "")]
    public void Find_OneOfBothAlone_IsNoComponent(string socket, string token)
    {
        Assert.Null(NucleusEnvironment.Find(GreengrassRig.Environment(socket, token), new GreengrassOptions()));
        Assert.False(GreengrassServices.IsComponent(new Hashtable()));
    }
}
