using System.Net;
using System.Security.Authentication;

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

    /// <summary>
    /// Whose fault an exception is that a publisher let out: what <see cref="HttpClient"/> throws tells it, all else may pass. What a server
    /// says beside its status is not repeated.
    /// </summary>
    /// <param name="exception">Any but a cancellation that was asked for.</param>
    /// <param name="destination">Where the report was to go.</param>
    public static PublishException Of(Exception exception, string destination) => exception switch
    {
        PublishException known => known,
        HttpRequestException { StatusCode: { } status } => new(FailureOf(status), $"{destination} answered {(int)status} {status}"),

        // A certificate that is refused now will be refused again; anything else of the network may pass.
        HttpRequestException { InnerException: AuthenticationException } =>
            new(PublishFailure.Final, $"{destination}: {exception.GetBaseException().Message}", exception),
        HttpRequestException => new(PublishFailure.Temporary, $"{destination}: {exception.GetBaseException().Message}", exception),
        OperationCanceledException or TimeoutException => new(PublishFailure.Temporary, $"{destination} did not answer in time", exception),
        _ => new(PublishFailure.Temporary, exception.Message, exception),
    };

    /// <summary>The same failure, of a report before which others of the batch have arrived.</summary>
    public PublishException After(int delivered) => new(Failure, Message, InnerException) { Delivered = delivered };

    private static PublishFailure FailureOf(HttpStatusCode status) => (int)status switch
    {
        408 or 425 or 429 or >= 500 => PublishFailure.Temporary,
        413 or 422 => PublishFailure.Permanent,

        // 400 and 415, too: they blame a wrong address or token more often than the report.
        _ => PublishFailure.Final,
    };
}
