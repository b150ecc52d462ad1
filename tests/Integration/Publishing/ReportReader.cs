using System.Globalization;
using System.Text.Json;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Reads what a service writes to standard output as it comes: which reports there are, and how fast frames are captured.</summary>
internal sealed class ReportReader
{
    private readonly RunningService _service;
    private readonly Task _reading;
    private readonly List<string> _ids = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource<(long Time, long Frame)> _next = NewSource();

    public ReportReader(RunningService service)
    {
        _service = service;
        _reading = ReadAsync();
    }

    /// <summary>The ids of all reports so far, in order.</summary>
    public string[] Ids
    {
        get
        {
            lock (_lock)
                return [.. _ids];
        }
    }

    /// <summary>Returns when standard output has ended.</summary>
    public Task EndAsync() => _reading;

    /// <summary>The moment of the next report, and its frame.</summary>
    public async Task<(long Time, long Frame)> NextAsync()
    {
        Task<(long, long)> next;
        lock (_lock)
            next = _next.Task;
        if (await Task.WhenAny(next, _reading) != next)
            throw new InvalidOperationException($"The program ended:\n{_service.Log}");
        return await next;
    }

    /// <summary>Does something, and tells how many frames were captured meanwhile.</summary>
    public async Task<FrameCount> CountAsync(string name, Func<Task> action)
    {
        (long Time, long Frame) before = await NextAsync();
        await action();
        (long Time, long Frame) after = await NextAsync();
        return new FrameCount(name, after.Frame - before.Frame, TimeProvider.System.GetElapsedTime(before.Time, after.Time));
    }

    private async Task ReadAsync()
    {
        while (await _service.ReadOutputAsync() is { } line)
        {
            using JsonDocument report = JsonDocument.Parse(line);
            long frame = report.RootElement.GetProperty("frame_id").GetInt64();
            TaskCompletionSource<(long, long)> next;
            lock (_lock)
            {
                _ids.Add(report.RootElement.GetProperty("id").GetString()!);
                next = _next;
                _next = NewSource();
            }

            next.SetResult((TimeProvider.System.GetTimestamp(), frame));
        }
    }

    private static TaskCompletionSource<(long Time, long Frame)> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Frames captured in a span of time.</summary>
internal sealed record FrameCount(string Name, long Frames, TimeSpan Span)
{
    /// <summary>How many the video has in that time.</summary>
    public double Nominal => Span.TotalSeconds * Settings.VideoRate;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name}: {Frames} frames of {Nominal:0} ({Frames / Span.TotalSeconds:0.0} frames/s)");

    /// <summary>Capture has gone on as if nothing had happened: a count against a count, with room for a busy machine.</summary>
    public void AssertKept() => Assert.True(Frames >= 0.8 * Nominal, ToString());
}
