using System.Globalization;
using EdgeInference.Integration.Tests.Endurance;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>
/// Killed at any moment: after a restart every committed report arrives at each publisher, first deliveries in order for
/// each publisher, and every repeat carries its id. The kills are aimed at the moments that matter, and one counts only
/// where something other than the service shows that it hit.
/// </summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
[Trait("Category", "Soak")]
public sealed class KillTests(ITestOutputHelper console)
{
    // A kill that misses is done again, but not for ever.
    private const int MostMisses = 20;

    // Generous: they only end what hangs.
    private static readonly TimeSpan HangDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Run_KilledAgainAndAgain_DeliversAllThatWasCommitted()
    {
        int seed = Environment.TickCount;
        await using Installation installation = await Installation.StartAsync();
        var random = new Random(seed);
        var kills = new Kills(installation, random);
        var ledger = new Ledger();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var misses = new List<Aim>();
        Queue<(Aim Aim, int Variant)> left = Shuffled(random);
        while (misses.Count < MostMisses && left.TryDequeue(out (Aim Aim, int Variant) next))
        {
            KillOutcome outcome = await kills.RunAsync(next.Aim, next.Variant);
            ledger.Add(outcome.Snapshot);
            if (outcome.Hit is { } hit)
            {
                counts[hit] = counts.GetValueOrDefault(hit) + 1;
                continue;
            }

            misses.Add(next.Aim);
            left.Enqueue(next);
        }

        ServiceRun last = await installation.RunToEndAsync();
        OutboxSnapshot end = OutboxSnapshot.Take(installation.OutboxPath);
        await WaitForMqttAsync(installation, end.LastSeq);
        Arrivals arrivals = await Arrivals.ReadAsync(installation);

        string figures = string.Create(CultureInfo.InvariantCulture, $"{counts.Values.Sum()} kills on target ({string.Join(", ", counts.Select(static count => $"{count.Key} {count.Value}"))}) and {misses.Count} that missed{string.Concat(misses.Select(static aim => $" {aim}"))}; ")
            + string.Create(CultureInfo.InvariantCulture, $"{end.LastSeq} reports and messages committed, {ledger.Witnessed} of them seen waiting after a kill; ")
            + string.Join(", ", Repeats(arrivals, installation).Select(static publisher => string.Create(CultureInfo.InvariantCulture, $"{publisher.Name} {publisher.Reports} and {publisher.Repeats} repeats")))
            + string.Create(CultureInfo.InvariantCulture, $", LocalJpeg {arrivals.LocalJpeg.Count}; seed {seed}");
        console.WriteLine(figures);
        Console.WriteLine(figures);

        Assert.True(last.ExitCode == 0, last.Log);
        Assert.Equal(
            Installation.Publishers.Length * Installation.Streams.Length,
            last.LogLines.Count(static line => line.Contains(" delivered to ", StringComparison.Ordinal) && line.EndsWith(", 0 not yet; 0 set aside, 0 evicted", StringComparison.Ordinal)));
        Assert.DoesNotContain(end.Reports, static report => report.IsResult);
        ledger.Check(arrivals, end.LastSeq);
        Assert.True(left.Count == 0, $"Not done, for want of hits: {string.Join(", ", left)}; {figures}");
    }

    private static Queue<(Aim Aim, int Variant)> Shuffled(Random random)
    {
        (Aim, int)[] all = [.. SoakKills.Wanted.SelectMany(static wanted => Enumerable.Range(0, wanted.Value).Select(variant => (wanted.Key, variant)))];
        random.Shuffle(all);
        return new Queue<(Aim, int)>(all);
    }

    private static async Task WaitForMqttAsync(Installation installation, long reports)
    {
        using var hang = new CancellationTokenSource(HangDeadline);
        try
        {
            while (Arrivals.CountMqttIds(installation) < reports)
                await Task.Delay(Poll, hang.Token);
        }
        catch (OperationCanceledException)
        {
            // The check of what has arrived says what is missing.
        }
    }

    private static IEnumerable<(string Name, long Reports, long Repeats)> Repeats(Arrivals arrivals, Installation installation)
    {
        yield return Of("Mqtt", arrivals.Mqtt);
        yield return Of("Kinesis", arrivals.Kinesis);
        yield return Of("Webhook", arrivals.Webhook);
        yield return ("S3", arrivals.S3.Count, installation.S3Proxy.Sent - arrivals.S3.Count);

        static (string, long, long) Of(string name, IReadOnlyList<Arrival> all)
        {
            int reports = all.DistinctBy(static arrival => arrival.Id).Count();
            return (name, reports, all.Count - reports);
        }
    }
}
