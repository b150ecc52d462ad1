using System.Diagnostics;
using System.Globalization;
using EdgeInference.Benchmarks.EndToEnd;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>A million reports that wait, as after weeks without a connection, and their delivery.</summary>
internal static class WaitingRun
{
    private const int Steps = 10;
    private const int PerCall = 250;

    public static async Task RunAsync(OutboxArguments arguments)
    {
        Console.WriteLine($"{arguments.Rows} reports waiting, appended {PerCall} a call:");
        var progress = new Progress();
        await using var rig = new OutboxRig(arguments.Folder);
        rig.OpenWithoutDelivery();
        await AppendAsync(rig, progress, arguments.Rows);

        long started = Stopwatch.GetTimestamp();
        long waiting = (await rig.Outbox.ReadStatisticsAsync()).Sum(static cursor => cursor.Waiting);
        Console.WriteLine($"  reading the statistics: {Milliseconds(started)} ms ({waiting} wait)");
        await rig.CloseAsync();
        Console.WriteLine($"  file when closed: {Text(rig.Megabytes, "0.0")} MB");
        started = Stopwatch.GetTimestamp();
        await rig.StartAsync(OutboxRig.ForEachStream("Mqtt", () => new MeasuredPublisher(null, wantsJpeg: false, progress)));
        Console.WriteLine($"  opening it again: {Milliseconds(started)} ms\n");

        await DeliverAsync(rig, progress, arguments.Rows);
        Console.WriteLine("  a tenth of them once more:");
        await progress.AppendFastAsync(rig.Outbox, PerCall, () => progress.Appended >= arguments.Rows + (arguments.Rows / Steps));
        await rig.DrainAsync();
        Console.WriteLine($"  file and log {Text(rig.Megabytes, "0.0")} MB: freed room is used again\n");
    }

    private static async Task AppendAsync(OutboxRig rig, Progress progress, int rows)
    {
        var table = new Table("appended", "per second", "resident, MB", "managed heap, MB", "file and log, MB");
        Add(table, 0, 0, rig);
        for (int step = 1; step <= Steps; step++)
        {
            long target = (long)rows * step / Steps;
            (long before, long started) = (progress.Appended, Stopwatch.GetTimestamp());
            long first = before / OutboxRig.Streams.Length;
            await Task.WhenAll(Enumerable.Range(0, OutboxRig.Streams.Length).Select(async stream =>
            {
                long last = target / OutboxRig.Streams.Length;
                for (long next = first; next < last; next += PerCall)
                    await progress.AppendAsync(rig.Outbox, stream, next, (int)Math.Min(PerCall, last - next), picture: null);
            }));
            progress.Commit.Clear();
            Add(table, progress.Appended, (progress.Appended - before) / Stopwatch.GetElapsedTime(started).TotalSeconds, rig);
        }

        table.Write(Console.Out);
    }

    private static async Task DeliverAsync(OutboxRig rig, Progress progress, int rows)
    {
        var table = new Table("delivered", "per second", "resident, MB", "managed heap, MB", "file and log, MB");
        Task drain = rig.DrainAsync();
        for (int step = 1; step <= Steps; step++)
        {
            (long before, long started) = (progress.Delivered, Stopwatch.GetTimestamp());
            while (progress.Delivered < (long)rows / OutboxRig.Streams.Length * OutboxRig.Streams.Length * step / Steps)
                await Task.Delay(5);
            progress.Delivery.Clear();
            Add(table, progress.Delivered, (progress.Delivered - before) / Stopwatch.GetElapsedTime(started).TotalSeconds, rig);
        }

        await drain;
        table.Write(Console.Out);
    }

    private static void Add(Table table, long rows, double perSecond, OutboxRig rig) => table.Add(
        Text(rows, "0"),
        Text(perSecond, "0"),
        Text(Environment.WorkingSet / 1e6, "0"),
        Text(GC.GetTotalMemory(forceFullCollection: false) / 1e6, "0.0"),
        Text(rig.Megabytes, "0.0"));

    private static string Milliseconds(long started) => Text(Stopwatch.GetElapsedTime(started).TotalMilliseconds, "0");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
