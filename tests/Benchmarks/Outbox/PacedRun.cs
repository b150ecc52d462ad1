using System.Diagnostics;
using System.Globalization;
using EdgeInference.Benchmarks.EndToEnd;
using EdgeInference.Publishing.Delivery;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>Reports at a steady rate, through the outbox to a broker.</summary>
internal static class PacedRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    // Of the rate: the last tick of the clock may be missing.
    private const double Sustained = 0.99;

    /// <returns>Whether the rate was sustained, and everything arrived.</returns>
    public static async Task<bool> RunAsync(OutboxArguments arguments, int rate, int pictureBytes)
    {
        var progress = new Progress();
        var pictures = new Progress();
        ReadOnlyMemory<byte>? picture = ReportSource.CreatePicture(pictureBytes);
        await using MqttRig mqtt = await MqttRig.RunAsync();
        await using var rig = new OutboxRig(arguments.Folder);
        DurablePublisher[] publishers = OutboxRig.ForEachStream("Mqtt", () => new MeasuredPublisher(mqtt.CreatePublisher(), wantsJpeg: false, progress));
        if (picture is not null)
            publishers = [.. publishers, .. OutboxRig.ForEachStream("Pictures", () => new MeasuredPublisher(null, wantsJpeg: true, pictures))];
        await rig.StartAsync(publishers);

        await progress.AppendPacedAsync(rig.Outbox, rate, WarmUp, 0, picture);
        await rig.DrainAsync();
        progress.Commit.Clear();
        progress.Delivery.Clear();

        (long appended, long delivered, long withPicture) = (progress.Appended, progress.Delivered, pictures.Delivered);
        double memory = Environment.WorkingSet / 1e6;
        long allocated = GC.GetTotalAllocatedBytes();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await progress.AppendPacedAsync(rig.Outbox, rate, TimeSpan.FromSeconds(arguments.Seconds), appended, picture);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        (appended, delivered) = (progress.Appended - appended, progress.Delivered - delivered);
        withPicture = picture is null ? delivered : pictures.Delivered - withPicture;
        double cpuPerReport = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / delivered;

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate} reports a second for {seconds:0} s{(picture is null ? "" : $", with pictures of {pictureBytes} bytes")}; QoS 1, TLS with client certificate:"));
        new Table("", "")
            .Add("appended per second", Text(appended / seconds, "0"))
            .Add("delivered per second", Text(delivered / seconds, "0"))
            .Add("not delivered at the end", Text(appended - Math.Min(delivered, withPicture), "0"))
            .Add("commit, ms: median / p99 / greatest", progress.Commit.ToString())
            .Add("append to PUBACK, ms: median / p99 / greatest", progress.Delivery.ToString())
            .Add("CPU per report, us", Text(cpuPerReport, "0"))
            .Add("CPU, share of one core", Text(cpuPerReport * delivered / seconds / 1e6, "0.00"))
            .Add("allocated per report, kB", Text((GC.GetTotalAllocatedBytes() - allocated) / 1e3 / delivered, "0.0"))
            .Add("resident before, MB", Text(memory, "0"))
            .Add("resident after, MB", Text(Environment.WorkingSet / 1e6, "0"))
            .Add("file and log, MB", Text(rig.Megabytes, "0.0"))
            .Write(Console.Out);

        await rig.DrainAsync();
        long arrived = picture is null ? progress.Delivered : Math.Min(progress.Delivered, pictures.Delivered);
        bool isSustained = Math.Min(appended, Math.Min(delivered, withPicture)) / seconds >= Sustained * rate && arrived == progress.Appended;
        if (!isSustained)
            await Console.Error.WriteLineAsync($"MISSED: {rate} reports a second were not committed and delivered ({progress.Appended - arrived} had not arrived after the end)");
        return isSustained;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
