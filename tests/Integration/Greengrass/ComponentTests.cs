using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>The program where a nucleus starts it: nothing is configured but what the samples had.</summary>
public sealed class ComponentTests
{
    [Fact]
    public async Task Run_OnlyVariablesOfNucleusAndSamples_PublishesEveryReportInOrder()
    {
        await using var component = new GreengrassComponent();
        RunningService service = component.Start(new Dictionary<string, string>
        {
            ["PARAM_MODEL_XML"] = DemoFiles.Classifier,
            ["PARAM_LABELMAP_FILE"] = DemoFiles.ClassifierLabels,
            ["PARAM_INPUT_SOURCE"] = DemoFiles.Inspection,
            ["PARAM_REPORTING_INTERVAL"] = "0",
            ["EdgeInference__Streams__0__Publishers__StandardOutput__Enabled"] = "true",
        });
        var reports = new List<string>();
        while (await service.ReadOutputAsync() is { } line)
            reports.Add(line);

        Assert.True(await service.WaitForExitAsync() == 0, service.Log);
        Assert.Equal(DemoFiles.InspectionFrames, reports.Count);
        NucleusJournal journal = component.Nucleus.Journal;
        Assert.Equal(
            ["OpenVINO: Initializing...", $"Starting inference on {DemoFiles.Inspection}", .. reports, "End of the input, exiting..."],
            journal.Delivered.Select(static publish => publish.Text));
        Assert.All(journal.Delivered, static publish => Assert.Equal((GreengrassComponent.Topic, 1), (publish.Topic, publish.Qos)));
        Assert.Empty(journal.Violations);
        Assert.DoesNotContain(component.Nucleus.Token, service.Log, StringComparison.Ordinal);
    }

    /// <summary>The nucleus goes away and comes again, in the middle of whatever it is doing, and knows the component still.</summary>
    [Fact]
    public async Task Run_NucleusRestartsAtAwkwardMoments_EveryReportArrives()
    {
        await using var component = new GreengrassComponent();
        NucleusServer nucleus = component.Nucleus;
        await component.StartLiveAsync();
        await component.CatchUpAsync();
        AssertHidden(component);

        nucleus.Faults.Once(NucleusMoment.PublishAnswer, NucleusFault.Close);
        await RestartAsync(NucleusSocket.Refusing);
        nucleus.Faults.Once(NucleusMoment.PublishAnswer, NucleusFault.Cut(100));
        nucleus.Faults.Once(NucleusMoment.Connected, NucleusFault.Cut(30));
        await RestartAsync(NucleusSocket.Silent);

        await component.StopAsync();
        Assert.True(nucleus.Journal.Clients.Count(static client => client.IsAuthenticated) >= 4, nucleus.Journal.ToString());
        Assert.DoesNotContain(nucleus.Token, component.Service.Log, StringComparison.Ordinal);

        async Task RestartAsync(NucleusSocket left)
        {
            NucleusClient last = nucleus.Journal.Clients[^1];
            await nucleus.Journal.WaitAsync(() => last.End is not null, "the fault");
            await nucleus.RestartAsync(keepTokens: true, left);
            await component.CatchUpAsync();
        }
    }

    // Nor in what every user of the machine can read, nor in what the children hand on.
    private static void AssertHidden(GreengrassComponent component)
    {
        int ffmpeg = RunningService.ChildrenOf(component.Service.Id)[0];
        foreach (string file in (string[])[$"/proc/{ffmpeg}/environ", $"/proc/{ffmpeg}/cmdline", $"/proc/{component.Service.Id}/cmdline"])
            Assert.DoesNotContain(component.Nucleus.Token, File.ReadAllText(file), StringComparison.Ordinal);
    }
}
