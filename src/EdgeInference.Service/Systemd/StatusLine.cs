using System.Globalization;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Systemd;

/// <summary>How the service is, in one line: "4 streams: 3 run, line2 lost; 98.7 frames/s; 12 reports wait, oldest 00:05:10; 1 publisher failing".</summary>
internal static class StatusLine
{
    // systemctl cuts off nothing, but people read it on a terminal.
    private const int MostNamed = 3;
    private const int LongestName = 24;

    /// <summary>What the streams are at, without figures that change all the time.</summary>
    public static string OfStreams(IReadOnlyList<StreamView> streams)
    {
        int running = streams.Count(IsRunning);
        int ended = streams.Count(static stream => stream.State == StreamState.Ended);
        string[] others = [.. streams.Where(static stream => !IsRunning(stream) && stream.State != StreamState.Ended).Select(Describe)];
        List<string> parts = [];
        if (running > 0)
            parts.Add($"{running} {(running == 1 ? "runs" : "run")}");
        parts.AddRange(others.Take(MostNamed));
        if (others.Length > MostNamed)
            parts.Add($"{others.Length - MostNamed} more do not run");
        if (ended > 0)
            parts.Add($"{ended} ended");
        return $"{Count(streams.Count, "stream")}: {(parts.Count > 0 ? string.Join(", ", parts) : "none")}";
    }

    /// <summary>What waits in the outbox, and who does not deliver; empty where nothing does.</summary>
    public static string OfDelivery(OutboxBacklog backlog, int failing, DateTimeOffset now)
    {
        string line = "";
        if (backlog.Oldest is { } oldest)
        {
            TimeSpan age = now > oldest ? now - oldest : TimeSpan.Zero;
            string more = backlog.IsAll ? "" : "more than ";
            line += string.Create(CultureInfo.InvariantCulture, $"; {more}{Count(backlog.Reports, "report")} {(backlog.Reports == 1 ? "waits" : "wait")}, oldest {TimeSpan.FromSeconds((long)age.TotalSeconds):c}");
        }

        return failing > 0 ? $"{line}; {Count(failing, "publisher")} failing" : line;
    }

    public static string OfRate(double framesPerSecond) => string.Create(CultureInfo.InvariantCulture, $"; {framesPerSecond:0.0} frames/s");

    private static bool IsRunning(StreamView stream) => stream.State == StreamState.Running && stream.Obstacle is null;

    private static string Describe(StreamView stream)
    {
        string name = stream.Name.Length > LongestName ? stream.Name[..(LongestName - 1)] + '…' : stream.Name;
        return $"{name} {(stream.State == StreamState.Faulted ? "failed" : stream.Obstacle!.Description)}";
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
