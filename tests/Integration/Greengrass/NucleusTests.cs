using System.Globalization;
using EdgeInference.Integration.Tests.Durability;
using EdgeInference.Integration.Tests.Packaging;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>The component on a real nucleus Lite. Nothing here knows our own test server of the protocol.</summary>
[Collection(PackagesOnce.Name)]
[Trait("Category", "Nucleus")]
public sealed class NucleusTests(Package package, ITestOutputHelper output)
{
    /// <summary>EDGEINFERENCE_NUCLEUS_KILLS, or each mishap twice.</summary>
    private static int Kills { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_NUCLEUS_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) ? kills : 12;

    [NucleusFact]
    public async Task Nucleus_KilledAgainAndAgain_EveryReportArrives()
    {
        await using Nucleus nucleus = await Nucleus.StartAsync(NucleusFactAttribute.Nucleus!, package);
        (string Name, Func<Task> Befall)[] mishaps =
        [
            ("the IPC of the nucleus killed", () => nucleus.Container.DoAsync("systemctl kill --signal=KILL ggl.core.ggipcd.service")),
            ("its MQTT client killed", () => nucleus.Container.DoAsync("systemctl kill --signal=KILL ggl.core.iotcored.service")),
            ("all of it killed", () => nucleus.Container.DoAsync("systemctl kill --signal=KILL 'ggl.core.*.service'")),
            ("all of it restarted", () => nucleus.Container.DoAsync("systemctl restart greengrass-lite.target")),
            ("the component killed", () => nucleus.Container.DoAsync($"systemctl kill --signal=KILL {Nucleus.Unit}")),
            ("the cloud's broker restarted", async () =>
            {
                await nucleus.Cloud.StopAsync();
                await nucleus.Cloud.StartAsync();
            }),
        ];

        for (int i = 0; i < Kills; i++)
        {
            (string name, Func<Task> befall) = mishaps[i % mishaps.Length];
            int before = nucleus.Arrived().Reports.Count;
            await befall();
            try
            {
                await nucleus.WaitForReportsAsync(50);
            }
            catch (Exception)
            {
                output.WriteLine($"{name}: {await nucleus.ReadJournalAsync()}");
                throw;
            }

            output.WriteLine($"{i + 1}: {name}: {nucleus.Arrived().Reports.Count - before} reports since");
        }

        await nucleus.CatchUpAsync();
        await nucleus.Container.DoAsync($"systemctl stop {Nucleus.Unit}");
        string result = await nucleus.Container.DoAsync($"systemctl show --property=Result,ExecMainStatus --value {Nucleus.Unit}");
        OutboxSnapshot left = nucleus.ReadOutbox();
        (HashSet<string> committed, List<string> committedMessages) = nucleus.Committed();
        (List<string> arrived, List<string> arrivedMessages) = nucleus.Arrived();
        output.WriteLine($"{committed.Count} reports committed, {arrived.Distinct().Count()} arrived, {arrived.Count - arrived.Distinct().Count()} of them again; " +
            $"{committed.Except(arrived).Count()} missing; {left.Reports.Count} left in the outbox; {committedMessages.Count} messages committed, {arrivedMessages.Count} arrived");
        if (committed.Except(arrived).Any())
            output.WriteLine(await nucleus.ReadJournalAsync());

        Assert.Equal(["0", "success"], result.Split('\n').Order(StringComparer.Ordinal));
        Assert.Empty(left.Reports);
        Assert.Equal(left.LastSeq, committed.Count + committedMessages.Count);
        Assert.Empty(committed.Except(arrived));
        Assert.Empty(arrived.Except(committed));
        foreach (IGrouping<string, string> message in committedMessages.GroupBy(static text => text))
            Assert.True(arrivedMessages.Count(text => text == message.Key) >= message.Count(), message.Key);
    }
}
