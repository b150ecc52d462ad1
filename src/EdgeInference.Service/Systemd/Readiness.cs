using EdgeInference.Service.Streams;
using EdgeInference.Streams;

namespace EdgeInference.Service.Systemd;

/// <summary>
/// Whether the service is ready: each of its streams has inferred its first frame, or the log says why it has not, and not
/// all have failed. Time is counted in looks, so that a machine that slept between two of them has not waited meanwhile.
/// </summary>
internal sealed class Readiness
{
    /// <summary>How long a stream that runs may be without a frame; then that is said, and nobody waits for it any more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, TimeSpan> _waited = new(StringComparer.Ordinal);

    public bool IsReady { get; private set; }

    /// <summary>Looks at the streams; ready once is ready for ever.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="elapsed">Since the last look.</param>
    /// <returns>The streams to say of that they have no frame yet.</returns>
    public IReadOnlyList<StreamView> Look(IReadOnlyList<StreamView> streams, TimeSpan elapsed)
    {
        if (IsReady)
            return [];
        var silent = new List<StreamView>();
        bool isReady = streams.Any(static stream => stream.State != StreamState.Faulted);
        foreach (StreamView stream in streams)
        {
            if (HasReason(stream))
                continue;
            TimeSpan waited = _waited.GetValueOrDefault(stream.Name);
            if (stream.State == StreamState.Running)
                _waited[stream.Name] = waited += elapsed;
            if (waited < Patience)
                isReady = false;
            else if (waited - elapsed < Patience)
                silent.Add(stream);
        }

        IsReady = isReady;
        return silent;
    }

    private static bool HasReason(StreamView stream) =>
        stream.Inferred > 0 || stream.State is StreamState.Ended or StreamState.Faulted || stream.Obstacle?.Kind == ActivityKind.Outage;
}
