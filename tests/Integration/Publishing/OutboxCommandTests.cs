using System.Collections.Concurrent;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>The command outbox, on the outbox of a service that runs and of one that has ended.</summary>
public sealed class OutboxCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Outbox => _folder.File("outbox");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stats")]
    [InlineData("list")]
    [InlineData("retry --all")]
    [InlineData("purge --all")]
    public async Task Outbox_ThereIsNone_SaysSoInOneLine(string command)
    {
        ServiceRun run = await ServiceProcess.RunAsync(["outbox", .. command.Split(' '), "--directory", Outbox]);

        Problem.AssertOneLine(run, 1, "there is no outbox ", Outbox);
        Assert.False(Directory.Exists(Outbox));
    }

    [Fact]
    public async Task Outbox_ServiceRunsAndEnds_ShowsAndMendsIt()
    {
        bool isRefusing = true;
        var posts = new ConcurrentQueue<string>();
        await using var web = new StubHttpServer(request =>
        {
            if (Volatile.Read(ref isRefusing))
                return StubAnswer.Json("{}", 422);
            posts.Enqueue(request.Headers["X-Report-Id"]);
            return StubAnswer.Json("{}");
        });
        string settings = await Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "127.0.0.1", Port = LoopbackPort.Free() },
            Outbox = new { Directory = Outbox },
            Streams = new[] { Settings.LiveStream(new { Webhook = new { Enabled = true, Url = web.Url } }, interval: "300ms") },
        });
        await using RunningService service = RunningService.Start("run", "--config", settings);
        await WaitAsync(() => service.Log.Split("Webhook refused report ").Length > 4, service);

        // A second service leaves the first one's outbox alone.
        Problem.AssertOneLine(await ServiceProcess.RunAsync("run", "--config", settings), 1, Outbox, "is in use by another process", "EdgeInference:Outbox:Directory");

        // What it shows of a running service.
        string[] stats = await RunAsync("stats", "--config", settings);
        Assert.Matches("^stream +publisher +waiting +oldest +delivered +set aside +evicted *$", stats[0]);
        Assert.Matches(@"^stream1 +Mqtt +[1-9]\d* +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +0 +0 +0 *$", stats[1]);
        Assert.Matches(@"^stream1 +Webhook +\d+ +\S+ +0 +[1-9]\d* +0 *$", stats[2]);
        Assert.Matches(@"outbox\.db: \d+\.\d MB in use$", stats[3]);
        Assert.Equal(4, stats.Length);
        string[] list = await RunAsync("list", "--config", settings, "--count", "2");
        Assert.Matches("^id +stream +publisher +made +bytes +reason *$", list[0]);
        Assert.Matches(@"^[0-9a-f-]{36} +stream1 +Webhook +\S+Z +\d+ +http://127\.0\.0\.1:\d+ answered 422 ", list[1]);
        Assert.StartsWith("There may be more: --count ", list[3], StringComparison.Ordinal);
        Assert.Equal(4, list.Length);
        Assert.Single(await RunAsync("list", "--config", settings, "--publisher", "Mqtt"));

        // What changes many reports wants to be told which.
        foreach (string command in (string[])["retry", "purge"])
            Problem.AssertOneLine(await ServiceProcess.RunAsync("outbox", command, "--config", settings), 64, "--stream", "--publisher", "--all");
        Problem.AssertOneLine(await ServiceProcess.RunAsync("outbox", "purge", "--waiting", "--config", settings), 64, "--waiting", "--publisher");
        foreach (string command in (string[])["retry", "purge"])
            Problem.AssertOneLine(await ServiceProcess.RunAsync("outbox", command, "no-id", "--config", settings), 64, "'no-id' is not the id of a report");
        Problem.AssertOneLine(await ServiceProcess.RunAsync("outbox", "list", "--count", "few", "--config", settings), 64, "'few'");
        foreach (string[] misspelt in (string[][])[["list", "--stream", "line1"], ["retry", "--publisher", "Mqt"], ["purge", "--waiting", "--publisher", "Mqt"]])
            Problem.AssertOneLine(await ServiceProcess.RunAsync(["outbox", .. misspelt, "--config", settings]), 64, $"'{misspelt[^1]}' in this outbox; there are: ", misspelt[^1] == "line1" ? "stream1" : "Mqtt, Webhook");
        Assert.Equal(["0 reports are tried again: within seconds where the service runs, else at its next start."], await RunAsync("retry", Guid.NewGuid().ToString(), "--config", settings));

        // One is tried again, one given up, and then the rest.
        Volatile.Write(ref isRefusing, false);
        string first = list[1][..36];
        string second = list[2][..36];
        Assert.StartsWith("1 report is tried again", Assert.Single(await RunAsync("retry", first, "--directory", Outbox)), StringComparison.Ordinal);
        Assert.Equal(["1 report is given up that had been set aside."], await RunAsync("purge", second, "--directory", Outbox));
        await WaitAsync(() => posts.Contains(first), service);
        await RunAsync("retry", "--stream", "stream1", "--publisher", "Webhook", "--directory", Outbox);
        string[] left = ["", ""];
        while (left.Length > 1)
            left = await RunAsync("list", "--directory", Outbox);
        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.DoesNotContain(second, posts);
        Assert.Equal(posts.Distinct().Count(), posts.Count);

        // The service has ended.
        stats = await RunAsync("stats", "--directory", Outbox);
        Assert.Matches($@"^stream1 +Webhook +0 +- +{posts.Count} +0 +0 *$", stats[2]);
        Assert.Equal(["0 reports are given up that had been set aside."], await RunAsync("purge", "--all", "--directory", Outbox));
        Assert.Matches(@"^[1-9]\d* reports and messages that waited for Mqtt are given up\.$", Assert.Single(await RunAsync("purge", "--waiting", "--publisher", "Mqtt", "--directory", Outbox)));
        Assert.Matches("^stream1 +Mqtt +0 +- +0 +0 +0 *$", (await RunAsync("stats", "--directory", Outbox))[1]);
    }

    private static async Task<string[]> RunAsync(params string[] arguments)
    {
        ServiceRun run = await ServiceProcess.RunAsync(["outbox", .. arguments]);
        Assert.True(run.ExitCode == 0 && run.Log.Length == 0, run.Log);
        return [.. run.OutputLines.Select(static line => line.Trim())];
    }

    private static async Task WaitAsync(Func<bool> isTrue, RunningService service)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isTrue())
        {
            Assert.False(hang.IsCancellationRequested, service.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
