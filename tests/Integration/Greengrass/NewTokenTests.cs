using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>A nucleus that has started anew knows no token from before: only a process that it starts itself has one.</summary>
public sealed class NewTokenTests
{
    [Fact]
    public Task Run_LiteHasForgottenTheToken_EndsForANewProcessThatDeliversTheRest() => RunAsync(NucleusSettings.Lite);

    [Fact]
    public Task Run_ClassicHasForgottenTheToken_EndsForANewProcessThatDeliversTheRest() => RunAsync(NucleusSettings.Classic);

    private static async Task RunAsync(NucleusSettings settings)
    {
        await using var component = new GreengrassComponent(settings);
        await component.StartLiveAsync();
        await component.CatchUpAsync();
        await component.Nucleus.RestartAsync(keepTokens: false);

        await component.WaitForExitAsync(exitCode: 1);
        string line = Assert.Single(component.Service.LogLines, static line => line.Contains(" CRT ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal));
        Assert.Contains("no longer knows this process", line, StringComparison.Ordinal);
        Assert.DoesNotContain(component.Nucleus.Token, component.Service.Log, StringComparison.Ordinal);

        component.Nucleus.IssueToken();
        await component.StartLiveAsync();
        await component.CatchUpAsync();
        await component.StopAsync();
    }
}
