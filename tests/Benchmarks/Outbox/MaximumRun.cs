using System.Diagnostics;
using System.Globalization;
using EdgeInference.Benchmarks.EndToEnd;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>As many reports as it takes: into the outbox alone, and through it to a broker.</summary>
internal static class MaximumRun
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(OutboxArguments arguments)
    {
        Console.WriteLine($"As fast as it goes, 4 streams, {Duration.TotalSeconds:0} s each:");
        var table = new Table("", "appended/s", "delivered/s", "CPU us/report", "commit, ms: median / p99 / greatest");
        foreach (int perCall in (int[])[1, 64])
        {
            await AppendAsync(table, arguments, perCall);
            await DeliverAsync(table, arguments, perCall);
        }

        table.Write(Console.Out);
    }

    private static async Task AppendAsync(Table table, OutboxArguments arguments, int perCall)
    {
        var progress = new Progress();
        await using var rig = new OutboxRig(arguments.Folder);
        rig.OpenWithoutDelivery();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await progress.AppendFastAsync(rig.Outbox, perCall, () => Stopwatch.GetElapsedTime(started) > Duration);
        Add(table, $"append, {perCall} a call", progress, cpu, started, delivered: 0);
    }

    private static async Task DeliverAsync(Table table, OutboxArguments arguments, int perCall)
    {
        var progress = new Progress();
        await using MqttRig mqtt = await MqttRig.RunAsync();
        await using var rig = new OutboxRig(arguments.Folder);
        await rig.StartAsync(OutboxRig.ForEachStream("Mqtt", () => new MeasuredPublisher(mqtt.CreatePublisher(), wantsJpeg: false, progress)));
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await progress.AppendFastAsync(rig.Outbox, perCall, () => Stopwatch.GetElapsedTime(started) > Duration);
        Add(table, $"append and deliver, {perCall} a call", progress, cpu, started, progress.Delivered);

        (long delivered, cpu, started) = (progress.Delivered, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await rig.DrainAsync();
        Add(table, "then deliver the rest", null, cpu, started, progress.Delivered - delivered);
    }

    private static void Add(Table table, string what, Progress? appended, TimeSpan cpu, long started, long delivered)
    {
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double microseconds = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds;
        table.Add(
            what,
            appended is null ? "" : Text(appended.Appended / seconds),
            delivered == 0 ? "" : Text(delivered / seconds),
            Text(microseconds / (appended?.Appended ?? delivered)),
            appended?.Commit.ToString() ?? "");
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
