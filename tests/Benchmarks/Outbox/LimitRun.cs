using EdgeInference.Benchmarks.EndToEnd;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>Commits while the oldest reports are evicted, beside commits while there is room.</summary>
internal static class LimitRun
{
    private const int PerCall = 250;

    public static async Task RunAsync(OutboxArguments arguments)
    {
        Console.WriteLine($"{arguments.Rate} reports a second for {arguments.Seconds} s, nothing is delivered; limit {arguments.Limit} MB:");
        var table = new Table("", "appended", "evicted", "commit, ms: median / p99 / greatest");
        await AddAsync(table, "room", arguments, isFull: false);
        await AddAsync(table, "full", arguments, isFull: true);
        table.Write(Console.Out);
    }

    private static async Task AddAsync(Table table, string what, OutboxArguments arguments, bool isFull)
    {
        var progress = new Progress();
        await using var rig = new OutboxRig(arguments.Folder);
        if (isFull)
            rig.Options.LimitMegabytes = arguments.Limit;
        rig.OpenWithoutDelivery();
        if (isFull)
            await FillAsync(rig, progress);
        long before = await EvictedAsync(rig);
        long appended = progress.Appended;
        progress.Commit.Clear();
        await progress.AppendPacedAsync(rig.Outbox, arguments.Rate, TimeSpan.FromSeconds(arguments.Seconds), appended, picture: null);
        table.Add(what, $"{progress.Appended - appended}", $"{await EvictedAsync(rig) - before}", progress.Commit.ToString());
    }

    private static async Task FillAsync(OutboxRig rig, Progress progress)
    {
        for (long first = 0; await EvictedAsync(rig) == 0; first += PerCall)
            await progress.AppendAsync(rig.Outbox, 0, first, PerCall, picture: null);
    }

    private static async Task<long> EvictedAsync(OutboxRig rig) => (await rig.Outbox.ReadStatisticsAsync()).Sum(static cursor => cursor.Evicted);
}
