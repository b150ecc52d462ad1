using EdgeInference.Integration.Tests.Endurance;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>The nucleus is there and does not take what it is given, or loses it.</summary>
public sealed class RefusalTests
{
    private const string Refused = "line: Greengrass cannot deliver: ";

    /// <summary>Denied, then full, and beside it a stream whose reports are too large: capture does not notice, and what can arrive does.</summary>
    [Fact]
    public async Task Run_NucleusRefuses_CaptureKeepsItsRateAndReportsArriveLater()
    {
        using var folder = new TemporaryFolder();
        await using var component = new GreengrassComponent();
        NucleusServer nucleus = component.Nucleus;
        nucleus.Publishable = ["other/#"];
        await component.StartLiveAsync(await TooLargeAsync(folder));

        FrameCount denied = await component.Reports.CountAsync("denied", async () =>
        {
            await component.Service.WaitForLogAsync(Refused);
            for (int report = 0; report < 20; report++)
                await component.Reports.NextAsync();
        });
        string line = Assert.Single(component.Service.LogLines, static line => line.Contains(Refused, StringComparison.Ordinal));
        Assert.Contains(" ERR ", line, StringComparison.Ordinal);
        Assert.Contains($"does not allow this component to use the topic '{GreengrassComponent.Topic}'", line, StringComparison.Ordinal);

        nucleus.Faults.At(NucleusMoment.Publish, static count => count <= 2 ? NucleusFault.Error("ServiceError", "Failed to publish the message.") : null);
        nucleus.Publishable = ["*"];
        FrameCount full = await component.Reports.CountAsync("full", component.CatchUpAsync);
        await component.StopAsync();

        denied.AssertKept();
        full.AssertKept();
        Assert.Contains("line: Greengrass delivers again after ", component.Service.Log, StringComparison.Ordinal);
        Assert.Matches(@"large: Greengrass refused report .*: the report of \d{4,} bytes is larger than nucleus lite takes", component.Service.Log);
        Assert.Matches(@"large: Greengrass: \d+ delivered to .*, 0 not yet; [1-9]\d* set aside", component.Service.Log);
        Assert.Matches(@"line: Greengrass: \d+ delivered to .*, 0 not yet; 0 set aside", component.Service.Log);
    }

    /// <summary>As where the connection to the broker dies with what was written to it: answered, and never sent on.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Run_NucleusLosesWhatItHasTaken_ItIsSentAgain()
    {
        await using var component = new GreengrassComponent();
        await component.StartLiveAsync();
        await component.CatchUpAsync();
        NucleusJournal journal = component.Nucleus.Journal;
        component.Nucleus.Cloud.Losses = 1;
        await journal.WaitAsync(() => journal.Publishes.Any(static publish => publish.Outcome == NucleusOutcome.Lost), "the loss");

        // That it does not come back shows after ten seconds, or at once when the connection ends as well.
        if (SoakFrames.IsSoak)
            await component.Service.WaitForLogAsync(Refused);
        else
            await component.Nucleus.RestartAsync(keepTokens: true);
        await component.CatchUpAsync();
        await component.StopAsync();
        Assert.Single(component.Nucleus.Journal.Publishes, static publish => publish.Outcome == NucleusOutcome.Lost);
    }

    /// <summary>A stream that reports every object that might be there, of classes with the longest names.</summary>
    private static async Task<Dictionary<string, object>> TooLargeAsync(TemporaryFolder folder)
    {
        const int LongestName = 256;
        string labels = folder.File("labels.json");
        IEnumerable<string> names = Enumerable.Range(0, 10).Select(static index => $"\"{index}\":\"{index}{new string('\u65e5', LongestName - 2)}\"");
        await File.WriteAllTextAsync(labels, $"{{{string.Join(',', names)}}}");
        return new Dictionary<string, object>
        {
            ["Name"] = "large",
            ["Source"] = new { Input = DemoFiles.Conveyor, Loop = true, RealTime = true },
            ["Model"] = new { Path = DemoFiles.Detector },
            ["LabelMap"] = labels,
            ["Detection"] = new { Threshold = 0.01 },
            ["Publishers"] = new { Log = new { Enabled = false } },
        };
    }
}
