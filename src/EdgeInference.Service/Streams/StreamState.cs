namespace EdgeInference.Service.Streams;

/// <summary>Where a stream is in its life.</summary>
internal enum StreamState
{
    /// <summary>Its files are read and its model is compiled.</summary>
    Starting,

    /// <summary>It captures and infers, or waits for its source to come (back).</summary>
    Running,

    /// <summary>Its source has ended, or it was stopped.</summary>
    Ended,

    /// <summary>It ended with an error, which the log tells.</summary>
    Faulted,
}
