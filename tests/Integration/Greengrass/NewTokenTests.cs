using EdgeInference.Integration.Tests.Endurance;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>A nucleus that has started anew knows no token from before: only a process that it starts itself has one.</summary>
[Trait("Category", "Soak")]
public sealed class NewTokenTests
{
    // Lite does not say why it closes, so that it takes 20 seconds to be sure.
    public static TheoryData<string> Kinds => SoakFrames.IsSoak ? [nameof(NucleusSettings.Classic), nameof(NucleusSettings.Lite)] : [nameof(NucleusSettings.Classic)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Run_TokenIsForgotten_EndsForANewProcessThatDeliversTheRest(string kind)
    {
        await using var component = new GreengrassComponent(kind == nameof(NucleusSettings.Lite) ? NucleusSettings.Lite : NucleusSettings.Classic);
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
