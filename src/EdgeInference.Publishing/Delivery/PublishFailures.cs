using System.Net;
using System.Security.Authentication;

namespace EdgeInference.Publishing.Delivery;

/// <summary>Whose fault an exception is that a publisher let out.</summary>
internal static class PublishFailures
{
    /// <summary>
    /// What <see cref="HttpClient"/> throws tells it, all else may pass. What a server says beside its status is not repeated.
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

        // HttpClient's own limit: the message says how long it is.
        OperationCanceledException { InnerException: TimeoutException } => new(PublishFailure.Temporary, $"{destination}: {exception.Message}", exception),
        OperationCanceledException or TimeoutException => new(PublishFailure.Temporary, $"{destination} did not answer in time", exception),
        _ => new(PublishFailure.Temporary, exception.Message, exception),
    };

    private static PublishFailure FailureOf(HttpStatusCode status) => (int)status switch
    {
        408 or 425 or 429 or >= 500 => PublishFailure.Temporary,
        413 or 422 => PublishFailure.Permanent,

        // 400 and 415, too: they blame a wrong address or token more often than the report.
        _ => PublishFailure.Final,
    };
}
