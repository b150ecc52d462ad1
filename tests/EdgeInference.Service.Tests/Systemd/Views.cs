using EdgeInference.Service.Streams;
using EdgeInference.Service.Systemd;
using EdgeInference.Streams;

namespace EdgeInference.Service.Tests.Systemd;

/// <summary>Streams as the service manager's part of the service sees them.</summary>
internal static class Views
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static StreamView Running(string name, long inferred = 0, StreamActivity? activity = null, long signs = 0) => new(
        name, StreamState.Running, inferred, [new StreamPart("capture", activity ?? Reading, signs), new StreamPart("inference", Idle, Signs: 0)]);

    public static StreamView Starting(string name) => new(name, StreamState.Starting, 0, [new StreamPart("start", Compiling, Signs: 0)]);

    public static StreamView Ended(string name) => new(name, StreamState.Ended, 10, []);

    public static StreamView Faulted(string name) => new(name, StreamState.Faulted, 0, []);

    public static StreamActivity Reading { get; } = new(ActivityKind.Work, "reading", Limit);

    public static StreamActivity Idle { get; } = new(ActivityKind.Work, "waiting for a frame");

    public static StreamActivity Compiling { get; } = new(ActivityKind.Preparation, "compiling its model", TimeSpan.FromMinutes(30));

    public static StreamActivity Connecting { get; } = new(ActivityKind.Preparation, "connecting", Limit);

    public static StreamActivity Lost { get; } = new(ActivityKind.Outage, "lost", Limit);
}
