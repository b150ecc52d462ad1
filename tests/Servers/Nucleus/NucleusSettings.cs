namespace EdgeInference.TestServers;

/// <summary>The two nuclei, whose manners differ.</summary>
internal enum NucleusKind
{
    /// <summary>
    /// Closes without a word on whoever breaks the protocol or has no token; leaves the stream of an answer to the client to end; keeps
    /// nothing while the broker is away.
    /// </summary>
    Lite,

    /// <summary>
    /// Says why before it closes; ends a stream with its answer; wants stream ids one after the other; spools what it cannot send yet.
    /// </summary>
    Classic,
}

/// <summary>Which nucleus it is, and what it takes.</summary>
internal sealed record NucleusSettings
{
    public static NucleusSettings Lite { get; } = new();

    public static NucleusSettings Classic { get; } = new()
    {
        Kind = NucleusKind.Classic,
        LongestFrame = 24 * 1024 * 1024,
        LongestPayload = 128 * 1024,
        MostUnacknowledged = int.MaxValue,
        UnacknowledgedBytes = 2_621_440,
        LongestIncoming = int.MaxValue,
    };

    public NucleusKind Kind { get; init; } = NucleusKind.Lite;

    /// <summary>Bytes of a whole frame; 10,000 after the first twelve.</summary>
    public int LongestFrame { get; init; } = 10_012;

    /// <summary>Bytes of a message, decoded.</summary>
    public int LongestPayload { get; init; } = int.MaxValue;

    /// <summary>Bytes of a message from the cloud, as an MQTT packet; a longer one costs the nucleus its connection to the cloud.</summary>
    public int LongestIncoming { get; init; } = 5_000;

    /// <summary>Messages of QoS 1 that wait for the broker's acknowledgement; one more is refused.</summary>
    public int MostUnacknowledged { get; init; } = 10;

    /// <summary>What these may take, as MQTT packets.</summary>
    public int UnacknowledgedBytes { get; init; } = 15_000;
}
