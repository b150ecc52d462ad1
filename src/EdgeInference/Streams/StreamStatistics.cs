namespace EdgeInference.Streams;

/// <summary>What a publisher did with the reports it got.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Destination">Where it sends them, for people.</param>
/// <param name="Published">Reports that got out.</param>
/// <param name="Lost">Reports that did not.</param>
public readonly record struct PublisherStatistics(string Name, string Destination, long Published, long Lost);

/// <summary>The counts of a stream at one moment.</summary>
/// <param name="Captured">Frames read from the source.</param>
/// <param name="Corrupt">Pictures of the source that were damaged.</param>
/// <param name="Dropped">Frames that were not inferred: of a live source because they came while inference was busy, of any because the stream ended.</param>
/// <param name="Inferred">Frames inferred.</param>
/// <param name="Failed">Frames lost in the engine, because it failed or did not return.</param>
/// <param name="EngineRebuilds">How often the engine was made anew.</param>
/// <param name="AbandonedCalls">Inferences and releases that an engine of this stream has not returned from.</param>
/// <param name="Reports">Results reported.</param>
/// <param name="Elapsed">Time since the stream started.</param>
/// <param name="Publishers">What became of the reports.</param>
public sealed record StreamStatistics(
    long Captured,
    long Corrupt,
    long Dropped,
    long Inferred,
    long Failed,
    int EngineRebuilds,
    int AbandonedCalls,
    long Reports,
    TimeSpan Elapsed,
    IReadOnlyList<PublisherStatistics> Publishers)
{
    /// <summary>Frames inferred per second since the start.</summary>
    public double FramesPerSecond => Elapsed > TimeSpan.Zero ? Inferred / Elapsed.TotalSeconds : 0;
}
