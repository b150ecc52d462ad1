using System.Text.Json;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>Which frames each stream of a service has reported, as they come; the reports carry the stream's name.</summary>
internal sealed class FrameLog
{
    private readonly RunningService _service;
    private readonly Dictionary<string, List<long>> _frames = new(StringComparer.Ordinal);
    private readonly Task _reading;

    public FrameLog(RunningService service)
    {
        _service = service;
        _reading = ReadAsync();
    }

    /// <summary>The frame_ids of a stream so far, in the order of their reports.</summary>
    public long[] Of(string stream)
    {
        lock (_frames)
            return _frames.TryGetValue(stream, out List<long>? frames) ? [.. frames] : [];
    }

    public async Task WaitAsync(Func<FrameLog, bool> isEnough)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!isEnough(this))
        {
            if (hang.IsCancellationRequested || _reading.IsCompleted)
                Assert.Fail($"The reports do not come:\n{_service.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task ReadAsync()
    {
        while (await _service.ReadOutputAsync() is { } line)
        {
            using JsonDocument report = JsonDocument.Parse(line);
            string stream = report.RootElement.GetProperty("stream").GetString()!;
            lock (_frames)
            {
                if (!_frames.TryGetValue(stream, out List<long>? frames))
                    _frames.Add(stream, frames = []);
                frames.Add(report.RootElement.GetProperty("frame_id").GetInt64());
            }
        }
    }
}
