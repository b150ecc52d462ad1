namespace EdgeInference.Publishing;

/// <summary>Whose fault it is that a report did not arrive, and so what helps.</summary>
public enum PublishFailure
{
    /// <summary>It may work when tried again: no connection, no answer, throttled.</summary>
    Temporary,

    /// <summary>This very report will never be taken, others will: too large, malformed. It is set aside.</summary>
    Permanent,

    /// <summary>Nothing will be taken until somebody mends something: a certificate, a permission, a bucket. All reports are kept.</summary>
    Final,
}

/// <summary>A report did not arrive. The message says why in one line, and holds no secrets.</summary>
public sealed class PublishException(PublishFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public PublishFailure Failure { get; } = failure;

    /// <summary>How many reports of a batch have arrived, from the first. The failure is that of the next one.</summary>
    public int Delivered { get; init; }

    /// <summary>The same failure, of a report before which others of the batch have arrived.</summary>
    public PublishException After(int delivered) => new(Failure, Message, InnerException) { Delivered = delivered };
}
