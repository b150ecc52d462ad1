using EdgeInference.Integration.Tests.Endurance;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>
/// Networks and servers fail in every way, and capture does not notice; what was committed meanwhile arrives afterwards.
/// The services run side by side, because the pauses before they connect again are most of the time.
/// </summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
[Trait("Category", "Soak")]
public sealed class OutageTests(ITestOutputHelper console)
{
    private static readonly string[] Publishers = ["Kinesis", "S3", "Webhook"];

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Run_ServersFail_CaptureKeepsItsRateAndEverythingArrivesLater()
    {
        await using Cloud cloud = await Cloud.StartAsync();
        using var folder = new TemporaryFolder();
        await using RunningService service = await StartControlAsync(folder);
        var control = new ReportReader(service);
        await control.NextAsync();
        Outcome[] outcomes = await Task.WhenAll(
            DownThenRefusingAsync(cloud, control), AwayAsync(cloud, control), FlappingAsync(cloud, control), SilentAsync(cloud, control));

        CapturePace[] paces = [.. outcomes.Select(outcome => CapturePace.Of(outcome.Name, outcome.Frames, control.Frames))];
        foreach (object line in outcomes.SelectMany(static outcome => outcome.Counts).Concat<object>(paces))
        {
            console.WriteLine(line.ToString());
            Console.WriteLine(line);
        }

        Assert.All(paces, static pace => pace.AssertKept());
    }

    /// <summary>A service of its own, so that it also shows what would hold up all of a process.</summary>
    private static async Task<RunningService> StartControlAsync(TemporaryFolder folder)
    {
        Dictionary<string, object> stream = Settings.LiveStream(interval: "50ms", publishers: new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
        });
        return RunningService.Start("run", "--config", await Settings.WriteAsync(folder, new { Streams = new[] { stream } }));
    }

    /// <summary>Nobody listens at the start; then all refuse, each in its way, until somebody mends it.</summary>
    private static async Task<Outcome> DownThenRefusingAsync(Cloud cloud, ReportReader control)
    {
        await using LiveService live = await LiveService.StartAsync("refused", cloud, control, LiveService.DenyReports, isUp: false);
        var counts = new List<FrameCount> { await live.Reports.CountAsync("down at start", WaitAsync) };
        await live.WaitUntilAsync(() => Array.TrueForAll(Publishers, publisher => live.ProblemsOf(publisher).Length > 0));
        Assert.All(Publishers, publisher => Assert.Contains(" WRN ", Assert.Single(live.ProblemsOf(publisher)), StringComparison.Ordinal));
        Assert.Contains("is away: connection refused", Assert.Single(live.ConnectionProblems), StringComparison.Ordinal);

        live.WebStatus = [503, 429];
        live.Open();
        counts.Add(await live.Reports.CountAsync("refusing", async () =>
        {
            await live.WaitUntilAsync(() => live.ProblemsOf("Mqtt").Length > 0 && live.ProblemsOf("Kinesis").Length > 1 && live.ProblemsOf("S3").Length > 1);
            await WaitAsync();
        }));
        Assert.Contains(" ERR ", Assert.Single(live.ProblemsOf("Mqtt")), StringComparison.Ordinal);
        Assert.Contains("does not allow this client to publish", live.ProblemsOf("Mqtt")[0], StringComparison.Ordinal);
        Assert.Collection(live.ProblemsOf("Kinesis"), _ => { }, static line => Assert.Contains("there is no such stream", line, StringComparison.Ordinal));
        Assert.Collection(live.ProblemsOf("S3"), _ => { }, static line => Assert.Contains("there is no such bucket", line, StringComparison.Ordinal));
        Assert.Single(live.ProblemsOf("Webhook"));

        await cloud.CreateAsync("refused");
        live.WebStatus = [];
        await live.AllowAsync(LiveService.AllowAll);
        counts.Add(await live.Reports.CountAsync("mended", live.WaitForAllAsync));
        Assert.All([.. Publishers, "Mqtt"], publisher => Assert.Equal(1, live.RecoveriesOf(publisher)));
        await live.StopAsync();
        Assert.Single(live.ConnectionProblems);
        return new Outcome(live, [.. counts]);
    }

    private static async Task<Outcome> AwayAsync(Cloud cloud, ReportReader control)
    {
        await cloud.CreateAsync("away");
        await using LiveService live = await LiveService.StartAsync("away", cloud, control, LiveService.AllowAll, isUp: true);
        FrameCount before = await live.Reports.CountAsync("before the outage", WaitAsync);
        live.Close();
        FrameCount during = await live.Reports.CountAsync("outage", WaitLongAsync);
        live.Open();
        FrameCount after = await live.Reports.CountAsync("after the outage", live.WaitForAllAsync);
        await live.StopAsync();
        AssertSaidOnceEach(live, states: 1);
        return new Outcome(live, before, during, after);
    }

    private static async Task<Outcome> FlappingAsync(Cloud cloud, ReportReader control)
    {
        const int Times = 5;
        await cloud.CreateAsync("flapping");
        await using LiveService live = await LiveService.StartAsync("flapping", cloud, control, LiveService.AllowAll, isUp: true);
        FrameCount before = await live.Reports.CountAsync("before flapping", WaitAsync);
        FrameCount during = await live.Reports.CountAsync("flapping", async () =>
        {
            for (int i = 0; i < Times; i++)
            {
                live.Close();
                await WaitAsync(TimeSpan.FromSeconds(1));
                live.Open();
                await WaitAsync(TimeSpan.FromSeconds(1));
            }
        });
        FrameCount after = await live.Reports.CountAsync("after flapping", live.WaitForAllAsync);
        await live.StopAsync();
        AssertSaidOnceEach(live, Times);
        return new Outcome(live, before, during, after);
    }

    /// <summary>Connections are accepted, and nothing is ever answered.</summary>
    private static async Task<Outcome> SilentAsync(Cloud cloud, ReportReader control)
    {
        await cloud.CreateAsync("silent");
        await using LiveService live = await LiveService.StartAsync("silent", cloud, control, LiveService.AllowAll, isUp: true);
        FrameCount before = await live.Reports.CountAsync("before silence", WaitAsync);
        live.Stall(true);
        FrameCount during = await live.Reports.CountAsync("silence", WaitLongAsync);
        live.Stall(false);
        FrameCount after = await live.Reports.CountAsync("after silence", live.WaitForAllAsync);
        await live.StopAsync();
        AssertSaidOnceEach(live, states: 1);
        return new Outcome(live, before, during, after);
    }

    /// <summary>A line when it fails and one when it works again, for each change and not for each attempt.</summary>
    private static void AssertSaidOnceEach(LiveService live, int states)
    {
        foreach (string publisher in (string[])[.. Publishers, "Mqtt"])
        {
            int problems = live.ProblemsOf(publisher).Length;
            Assert.True(problems <= states && problems == live.RecoveriesOf(publisher), live.Service.Log);
        }

        Assert.True(live.ConnectionProblems.Length >= 1 && live.ConnectionProblems.Length <= states, live.Service.Log);
    }

    private static Task WaitAsync() => WaitAsync(Calm);

    private static Task WaitLongAsync() => WaitAsync(SoakSeconds.Span(6));

    private static Task WaitAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, CancellationToken.None);

    private sealed class Outcome(LiveService live, params FrameCount[] counts)
    {
        public string Name { get; } = live.Name;

        public FrameCount[] Counts => counts;

        public CapturedFrame[] Frames { get; } = live.Reports.Frames;
    }
}
