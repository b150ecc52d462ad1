using System.Globalization;
using System.Text.Json;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>
/// Reads what a service writes to standard output as it comes: which reports there are, and how fast frames are captured,
/// beside a control stream of <see cref="Settings.ControlStream"/> in the same service or the stream of another one, where there is one.
/// </summary>
internal sealed class ReportReader
{
    private readonly RunningService _service;
    private readonly ReportReader? _control;
    private readonly Task _reading;
    private readonly List<string> _ids = [];
    private readonly List<CapturedFrame> _frames = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource<Progress> _next = NewSource();
    private long _controlFrame;

    /// <param name="service">Whose output it reads.</param>
    /// <param name="control">Reads that of a service beside it which others do not hold up.</param>
    public ReportReader(RunningService service, ReportReader? control = null)
    {
        (_service, _control) = (service, control);
        _reading = ReadAsync();
    }

    /// <summary>The ids of all reports so far, in order, without those of the control stream.</summary>
    public string[] Ids
    {
        get
        {
            lock (_lock)
                return [.. _ids];
        }
    }

    /// <summary>The frames of these reports.</summary>
    public CapturedFrame[] Frames
    {
        get
        {
            lock (_lock)
                return [.. _frames];
        }
    }

    /// <summary>Returns when standard output has ended.</summary>
    public Task EndAsync() => _reading;

    /// <summary>How far the streams are at the next report.</summary>
    public async Task<Progress> NextAsync()
    {
        Task<Progress> next;
        lock (_lock)
            next = _next.Task;
        if (await Task.WhenAny(next, _reading) != next)
            throw new InvalidOperationException($"The program ended:\n{_service.Log}");
        return await next;
    }

    /// <summary>Does something, and tells how many frames were captured meanwhile.</summary>
    public async Task<FrameCount> CountAsync(string name, Func<Task> action)
    {
        Progress before = await NextAsync();
        await action();
        Progress after = await NextAsync();
        return new FrameCount(
            name,
            after.Frame - before.Frame,
            after.ControlFrame - before.ControlFrame,
            TimeProvider.System.GetElapsedTime(before.Time, after.Time));
    }

    private async Task ReadAsync()
    {
        while (await _service.ReadOutputAsync() is { } line)
        {
            using JsonDocument report = JsonDocument.Parse(line);
            long frame = report.RootElement.GetProperty("frame_id").GetInt64();
            if (report.RootElement.TryGetProperty("stream", out JsonElement stream) && stream.GetString() == Settings.Control)
            {
                _controlFrame = frame;
                continue;
            }

            TaskCompletionSource<Progress> next;
            lock (_lock)
            {
                _ids.Add(report.RootElement.GetProperty("id").GetString()!);
                _frames.Add(new CapturedFrame(report.RootElement.GetProperty("timestamp").GetDateTime(), frame));
                next = _next;
                _next = NewSource();
            }

            if (_control?.Frames is [.., var last])
                _controlFrame = last.Number;
            next.SetResult(new Progress(TimeProvider.System.GetTimestamp(), frame, _controlFrame));
        }
    }

    private static TaskCompletionSource<Progress> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How far the streams were at a moment.</summary>
internal readonly record struct Progress(long Time, long Frame, long ControlFrame);

/// <summary>Frames captured in a span of time, by a stream and by the control stream beside it.</summary>
internal sealed record FrameCount(string Name, long Frames, long ControlFrames, TimeSpan Span)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name}: {Frames} frames, the control {ControlFrames} ({Frames / Span.TotalSeconds:0.0} frames/s)");

    /// <summary>
    /// Capture has gone on as in the stream that publishes nothing: on a busy machine both are slow, but not one alone.
    /// </summary>
    public void AssertKept() => Assert.True(ControlFrames > 0 && Frames >= ControlFrames / 2, ToString());
}
