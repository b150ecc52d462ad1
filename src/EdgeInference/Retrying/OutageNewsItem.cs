namespace EdgeInference.Retrying;

/// <summary>What is to be said.</summary>
public enum OutageNewsKind
{
    None,

    /// <summary>It fails now, or in another way than before.</summary>
    Fails,

    /// <summary>It works now.</summary>
    WorksAgain,

    /// <summary>It has failed several times in a short while; from here on single outages are not told.</summary>
    IsUnsteady,

    /// <summary>It has been so for another hour.</summary>
    IsStillUnsteady,

    /// <summary>It has worked for a while; from here on single outages are told again.</summary>
    IsSteady,
}

/// <param name="Kind">What is to be said, if anything.</param>
/// <param name="Failures">How often it has failed since the last outage began, its beginning included.</param>
public readonly record struct OutageNewsItem(OutageNewsKind Kind, int Failures)
{
    /// <summary>How many outages this is about.</summary>
    public int Outages { get; init; }

    /// <summary>How long it has failed, over those outages.</summary>
    public Duration Away { get; init; }

    /// <summary>How long ago the first of them began.</summary>
    public Duration Span { get; init; }
}
