using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.TestServers;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Tests.Greengrass;

public sealed class GreengrassConnectionTests : NucleusTest
{
    private readonly SteppingTime _time = new();

    [Theory]
    [InlineData((int)NucleusSocket.Gone)]
    [InlineData((int)NucleusSocket.Refusing)]
    public async Task Connection_NucleusThatIsAway_IsWaitedForForEver(int left)
    {
        NucleusServer server = Server();
        await server.StopAsync((NucleusSocket)left);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);
        LogLine line = await rig.Log.WaitAsync(GreengrassRig.Away);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("socket", line.Message, StringComparison.Ordinal);
        Assert.True(rig.Publisher.IsAway);

        // With an attempt each half a minute at least.
        await _time.AdvanceUntilAsync(Task.Delay(TimeSpan.FromHours(4), _time));

        server.Start();
        await _time.AdvanceUntilAsync(rig.Log.WaitAsync(GreengrassRig.ConnectedAgain));
        Assert.False(rig.Publisher.IsAway);
        Assert.False(rig.Connection.NeedsNewProcess);
        Assert.Single(rig.Log.Lines, static logged => logged.EventId == GreengrassRig.Away);
    }

    [Fact]
    public async Task Connection_NucleusThatStartedAnewAndKnowsTheTokenNoMore_EndsTheProcessAfterPatience()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);
        await rig.Log.WaitAsync(GreengrassRig.Connected);
        DateTimeOffset began = _time.GetUtcNow();
        await server.RestartAsync(keepTokens: false);

        await _time.AdvanceUntilAsync(rig.Lifetime.Stopped);

        Assert.True(_time.GetUtcNow() - began >= RefusalWatch.Patience);
        Assert.True(rig.Connection.NeedsNewProcess);
        LogLine line = Assert.Single(rig.Log.Lines, static logged => logged.EventId == GreengrassRig.TokenInvalid);
        Assert.Contains("the nucleus no longer knows this process", line.Message, StringComparison.Ordinal);
        Assert.Null(line.Exception);

        // It does not go on after that.
        int attempts = server.Journal.Clients.Count;
        _time.Advance(TimeSpan.FromMinutes(5));
        await rig.StopAsync();
        Assert.Equal(attempts, server.Journal.Clients.Count);
    }

    [Fact]
    public async Task Connection_NucleusThatRefusesTheToken_EndsTheProcessAtOnce()
    {
        NucleusServer server = Server(NucleusSettings.Classic);
        server.RevokeTokens();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);

        await rig.Lifetime.Stopped.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(rig.Connection.NeedsNewProcess);
        Assert.Equal(LogLevel.Critical, (await rig.Log.WaitAsync(GreengrassRig.TokenInvalid)).Level);
    }

    [Fact]
    public async Task Connection_NucleusThatClosesSomeTimesAndThenAccepts_GoesOn()
    {
        NucleusServer server = Server();
        server.Faults.At(NucleusMoment.Accepted, static count => count <= RefusalWatch.Several - 1 ? NucleusFault.Close : null);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);

        await _time.AdvanceUntilAsync(rig.Log.WaitAsync(GreengrassRig.ConnectedAgain));

        Assert.False(rig.Lifetime.Stopped.IsCompleted);
        Assert.Contains("closes the connection without an answer", (await rig.Log.WaitAsync(GreengrassRig.Unusable)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_NucleusThatAcceptsAndNeverAnswers_IsTriedAgain()
    {
        NucleusServer server = Server();
        server.Faults.Once(NucleusMoment.Connected, NucleusFault.NoAnswer);
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);
        await server.Journal.WaitAsync(() => server.Journal.Clients.Any(static client => client.IsAuthenticated), "the token");

        _time.Advance(GreengrassConnection.ConnectTimeout);
        await _time.AdvanceUntilAsync(rig.Log.WaitAsync(GreengrassRig.ConnectedAgain));

        Assert.Contains("it does not answer within 20 s", (await rig.Log.WaitAsync(GreengrassRig.Away)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("485454502f312e312034303020426164205265717565737400000000")]
    [InlineData("00000010000000000000000000000000")]
    [InlineData("ffffffff00000000")]
    public async Task Connection_WhatIsNoNucleus_IsSaidAndTriedAgain(string answer)
    {
        NucleusServer server = Server();
        server.Faults.Once(NucleusMoment.Connected, NucleusFault.Instead([.. Convert.FromHexString(answer), 0, 0, 0, 0]));
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);

        LogLine line = await rig.Log.WaitAsync(GreengrassRig.Unusable);
        Assert.Contains("does not speak as a nucleus does", line.Message, StringComparison.Ordinal);
        await _time.AdvanceUntilAsync(rig.Log.WaitAsync(GreengrassRig.ConnectedAgain));
    }

    [Fact]
    public async Task Connection_PathThatIsNoSocket_IsSaid()
    {
        string path = Path.Combine(Folder, new string('x', 200));
        await using GreengrassRig rig = await GreengrassRig.RunAsync(path, "canary-token", time: _time);

        Assert.Contains("cannot be that of a socket", (await rig.Log.WaitAsync(GreengrassRig.Unusable)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_NucleusThatKeepsTokensOverARestart_GoesOnWithTheSame()
    {
        NucleusServer server = Server();
        await using GreengrassRig rig = await GreengrassRig.RunAsync(server, time: _time);
        await rig.Log.WaitAsync(GreengrassRig.Connected);
        await server.RestartAsync(keepTokens: true);

        await _time.AdvanceUntilAsync(rig.Log.WaitAsync(GreengrassRig.ConnectedAgain));

        Assert.False(rig.Connection.NeedsNewProcess);
    }
}
