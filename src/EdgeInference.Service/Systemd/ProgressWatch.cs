using EdgeInference.Streams;

namespace EdgeInference.Service.Systemd;

/// <summary>A part of a stream that is late.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Part">The part, and what it is at.</param>
/// <param name="Silent">For how long it has given no sign of life.</param>
internal sealed record LatePart(string Stream, StreamPart Part, TimeSpan Silent);

/// <summary>
/// Finds the streams that neither progress nor are within the limit of what they are at. Looks are counted rather than time,
/// so that a machine that slept, or a process that was halted, is not taken for a stream that is stuck.
/// </summary>
internal sealed class ProgressWatch
{
    private Dictionary<(string Stream, string Part), (StreamPart Seen, TimeSpan Silent)> _parts = [];

    /// <param name="streams">The streams.</param>
    /// <param name="interval">Between two looks.</param>
    /// <returns>The part that is late, the one that has been silent for longest where there are several; null when all is well.</returns>
    public LatePart? Look(IReadOnlyList<StreamView> streams, TimeSpan interval)
    {
        var parts = new Dictionary<(string Stream, string Part), (StreamPart Seen, TimeSpan Silent)>();
        LatePart? late = null;
        foreach (StreamView stream in streams)
        {
            foreach (StreamPart part in stream.Parts)
            {
                bool isSilent = _parts.TryGetValue((stream.Name, part.Name), out var before) && before.Seen == part;
                TimeSpan silent = isSilent ? before.Silent + interval : TimeSpan.Zero;
                parts[(stream.Name, part.Name)] = (part, silent);
                if (silent > part.Activity.Limit && !(late?.Silent >= silent))
                    late = new LatePart(stream.Name, part, silent);
            }
        }

        _parts = parts;
        return late;
    }
}
