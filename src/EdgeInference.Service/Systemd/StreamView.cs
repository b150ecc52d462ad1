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
    // Seconds on a processor, minutes on an accelerator. What takes longer than this will not end.
    private static readonly StreamActivity Compiling = new("compiling its model", TimeSpan.FromMinutes(30));

    private static readonly IReadOnlyList<StreamPart> Starting = [new StreamPart("start", Compiling, Signs: 0)];

    public static StreamView Of(SupervisedStream stream)
    {
        StreamState state = stream.State;
        long inferred = stream.Worker?.Inferred ?? 0;
        return new StreamView(stream.Name, state, inferred, state switch
        {
            StreamState.Starting => Starting,
            StreamState.Running => stream.Worker?.Parts ?? [],
            _ => [],
        });
    }

    /// <summary>The part whose work has stopped, or else the one that is not at its usual work; null where all is well.</summary>
    public StreamActivity? Trouble => Parts.FirstOrDefault(static part => part.Activity.IsOutage) is { Activity: { } activity } ? activity : null;
}
