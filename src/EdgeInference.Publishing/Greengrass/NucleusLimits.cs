namespace EdgeInference.Publishing.Greengrass;

/// <summary>What a nucleus takes.</summary>
internal sealed record NucleusLimits
{
    /// <summary>What every nucleus takes as one message.</summary>
    public const int LeastFrameBytes = 10_000;

    /// <summary>Of a message to the nucleus: on a larger one it closes the connection, and all that is in flight suffers. Null where it is the report that is limited.</summary>
    public int? MostFrameBytes { get; init; }

    /// <summary>Of a payload and its topic, as IoT Core has it.</summary>
    public int MostReportBytes { get; init; } = 128 * 1024;

    /// <summary>How long one of the first may take to come back, while the nucleus has just subscribed, and so has its cloud.</summary>
    public static readonly TimeSpan FirstEchoTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Of a payload and its topic that come from the cloud; a larger message may cost the nucleus its connection to the cloud.</summary>
    public required int MostEchoBytes { get; init; }

    /// <summary>How long a report may take to come back from the cloud, once any has.</summary>
    public required TimeSpan EchoTimeout { get; init; }

    /// <summary>Reports on their way, and their bytes, of all streams.</summary>
    public required int MostReports { get; init; }

    public required int MostBytes { get; init; }

    /// <summary>The least time between two reports that nothing confirms. IoT Core takes 100 a second in any case.</summary>
    public TimeSpan Spacing { get; init; }

    /// <summary>Whether it may lose a subscription without a word.</summary>
    public bool LosesSubscriptions { get; init; }

    public static NucleusLimits Of(NucleusKind kind) => kind == NucleusKind.Classic ? Classic : Lite;

    // It keeps what it has taken in a queue of 2.5 MB, for as long as it lives and the cloud is away: to send that again would only
    // fill the queue with the same.
    private static NucleusLimits Classic { get; } = new()
    {
        MostEchoBytes = 128 * 1024,
        EchoTimeout = TimeSpan.FromMinutes(10),
        MostReports = 100,
        MostBytes = 512 * 1024,
    };

    // It has room for 10 unconfirmed messages and 15,000 bytes of them, for all components: half of that is ours. Unconfirmed ones leave
    // it within a round trip to the cloud, of which 10 spacings are more. It can receive 5,000 bytes, and says so to the broker; a longer
    // message all the same ends its connection, and whether AWS keeps such ones back is not known.
    private static NucleusLimits Lite { get; } = new()
    {
        MostFrameBytes = LeastFrameBytes,
        MostEchoBytes = 4_900,
        EchoTimeout = FirstEchoTimeout,
        MostReports = 5,
        MostBytes = 10_000,
        Spacing = TimeSpan.FromMilliseconds(50),
        LosesSubscriptions = true,
    };
}
