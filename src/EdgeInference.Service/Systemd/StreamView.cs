using EdgeInference.Service.Streams;
using EdgeInference.Streams;

namespace EdgeInference.Service.Systemd;

/// <summary>A stream at one moment, as those see it who tell of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Inferred">Frames that it has inferred.</param>
/// <param name="Parts">What its parts are at; none once it has ended.</param>
internal sealed record StreamView(string Name, StreamState State, long Inferred, IReadOnlyList<StreamPart> Parts)
{
    public static StreamView Of(SupervisedStream stream)
    {
        StreamState state = stream.State;
        long inferred = stream.Worker?.Inferred ?? 0;
        return new StreamView(stream.Name, state, inferred, state switch
        {
            StreamState.Starting => [new StreamPart("start", new(ActivityKind.Preparation, "compiling its model", stream.CompileTimeout + StreamActivity.Slack), Signs: 0)],
            StreamState.Running => stream.Worker?.Parts ?? [],
            _ => [],
        });
    }

    /// <summary>What keeps it from its work; null while nothing does.</summary>
    public StreamActivity? Obstacle => Parts
        .Select(static part => part.Activity)
        .Where(static activity => activity.Kind != ActivityKind.Work)
        .MaxBy(static activity => activity.Kind);
}
