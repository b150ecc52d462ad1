using System.Collections.Frozen;
using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;

namespace EdgeInference.Publishing.Aws;

/// <summary>
/// Says whose fault an error of an AWS service is. A message is made of the error's code and our own words, never of the
/// service's: what it says of a wrong signature repeats the signed headers, and with them the session token.
/// </summary>
internal static class AwsErrors
{
    private const string CheckKeys = "the credentials are not valid; check the access key, its secret and the clock";
    private const string CheckPermission = "the credentials lack the permission";
    private const string CheckToken = "the session token is not valid any more; renew the credentials";
    private const string CheckRegion = "it is in another region; set Region";
    private const string CheckRequest = "the service does not take what is configured; check the name, the partition key and the hash key";
    private const string CheckEncryption = "the key that encrypts it cannot be used; check the KMS key and its policy";
    private const string CheckLimits = "the service does not take this object; check its size and its key";

    // Without the suffix 'Exception', which the services with JSON add and S3 does not.
    private static readonly FrozenDictionary<string, (PublishFailure Failure, string Advice)> Known =
        new Dictionary<string, (PublishFailure, string)>
        {
            ["ResourceNotFound"] = (PublishFailure.Final, "there is no such stream; create it, or check StreamName and Region"),
            ["NoSuchBucket"] = (PublishFailure.Final, "there is no such bucket; create it, or check Bucket and ServiceUrl"),
            ["InvalidBucketName"] = (PublishFailure.Final, "there is no such bucket; create it, or check Bucket and ServiceUrl"),
            ["AccessDenied"] = (PublishFailure.Final, CheckPermission),
            ["NotAuthorized"] = (PublishFailure.Final, CheckPermission),
            ["AllAccessDisabled"] = (PublishFailure.Final, CheckPermission),
            ["OptInRequired"] = (PublishFailure.Final, CheckPermission),
            ["AccountProblem"] = (PublishFailure.Final, CheckPermission),
            ["UnrecognizedClient"] = (PublishFailure.Final, CheckKeys),
            ["InvalidAccessKeyId"] = (PublishFailure.Final, CheckKeys),
            ["InvalidClientTokenId"] = (PublishFailure.Final, CheckKeys),
            ["InvalidSignature"] = (PublishFailure.Final, CheckKeys),
            ["IncompleteSignature"] = (PublishFailure.Final, CheckKeys),
            ["SignatureDoesNotMatch"] = (PublishFailure.Final, CheckKeys),
            ["MissingAuthenticationToken"] = (PublishFailure.Final, CheckKeys),
            ["ExpiredToken"] = (PublishFailure.Final, CheckToken),
            ["InvalidToken"] = (PublishFailure.Final, CheckToken),
            ["PermanentRedirect"] = (PublishFailure.Final, CheckRegion),
            ["AuthorizationHeaderMalformed"] = (PublishFailure.Final, CheckRegion),
            ["IllegalLocationConstraint"] = (PublishFailure.Final, CheckRegion),
            ["InvalidArgument"] = (PublishFailure.Final, CheckRequest),
            ["Validation"] = (PublishFailure.Final, CheckRequest),
            ["ValidationError"] = (PublishFailure.Final, CheckRequest),
            ["KMSAccessDenied"] = (PublishFailure.Final, CheckEncryption),
            ["KMSDisabled"] = (PublishFailure.Final, CheckEncryption),
            ["KMSInvalidState"] = (PublishFailure.Final, CheckEncryption),
            ["KMSNotFound"] = (PublishFailure.Final, CheckEncryption),
            ["KMSOptInRequired"] = (PublishFailure.Final, CheckEncryption),
            ["EntityTooLarge"] = (PublishFailure.Permanent, CheckLimits),
            ["KeyTooLongError"] = (PublishFailure.Permanent, CheckLimits),
            ["MetadataTooLarge"] = (PublishFailure.Permanent, CheckLimits),

            // Servers say so of what is configured, too: rather wait for somebody than set every report aside.
            ["InvalidRequest"] = (PublishFailure.Final, CheckRequest),
        }.ToFrozenDictionary();

    /// <summary>Whose fault it is by the code of the service, and by the status where there is no code that is known.</summary>
    public static PublishFailure Classify(string? code, HttpStatusCode? status) => Look(code, status).Failure;

    /// <summary>An error of the service, told by its code.</summary>
    public static PublishException Refused(string destination, string? code, HttpStatusCode? status, Exception? inner)
    {
        (PublishFailure failure, string advice) = Look(code, status);
        string reason = $"{Printable(code)}{(status is null ? "" : $" (HTTP {(int)status})")}{(advice.Length == 0 ? "" : ": ")}{advice}";
        return new PublishException(failure, $"{destination} did not take it: {reason}", inner);
    }

    /// <summary>Any exception of the SDK but a cancellation.</summary>
    public static PublishException ToPublishException(string destination, Exception exception)
    {
        if (exception is AmazonServiceException service && StatusOf(service) is var status && (status is not null || !string.IsNullOrEmpty(service.ErrorCode)))
            return Refused(destination, service.ErrorCode, status, exception);

        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            // A certificate that is not trusted: trying again does not help, whoever looks at it must.
            if (cause is AuthenticationException)
                return new PublishException(PublishFailure.Final, $"{destination} cannot be trusted: {FirstLine(cause.Message)}", exception);
        }

        // Texts of the system name an address at most. Those of the SDK may repeat what a program for credentials printed.
        Exception innermost = exception.GetBaseException();
        string text = IsOfTheSdk(innermost) ? innermost.GetType().Name : FirstLine(innermost.Message);
        return new PublishException(PublishFailure.Temporary, $"{destination} cannot be reached: {text}", exception);
    }

    private static bool IsOfTheSdk(Exception exception) => exception.GetType().Namespace?.StartsWith("Amazon", StringComparison.Ordinal) == true;

    private static HttpStatusCode? StatusOf(AmazonServiceException exception) => exception.StatusCode is var status && status != default ? status : null;

    private static (PublishFailure Failure, string Advice) Look(string? code, HttpStatusCode? status)
    {
        string name = code ?? "";
        if (name.EndsWith("Exception", StringComparison.Ordinal))
            name = name[..^"Exception".Length];
        if (Known.TryGetValue(name, out (PublishFailure, string) known))
            return known;
        if (name.StartsWith("AccessDenied", StringComparison.Ordinal))
            return (PublishFailure.Final, CheckPermission);
        return status switch
        {
            // The clock of a device is set sooner or later, and the SDK corrects for it.
            _ when name is "RequestTimeTooSkewed" or "RequestExpired" => (PublishFailure.Temporary, ""),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (PublishFailure.Final, CheckPermission),
            HttpStatusCode.MovedPermanently => (PublishFailure.Final, CheckRegion),
            _ => (PublishFailure.Temporary, ""),
        };
    }

    /// <summary>A code comes from outside: letters, digits, '.', '-' and '_' of it, 64 at most.</summary>
    private static string Printable(string? code)
    {
        string kept = string.Concat((code ?? "").Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_').Take(64));
        return kept.Length == 0 ? "an error without a code" : kept;
    }

    private static string FirstLine(string text)
    {
        ReadOnlySpan<char> line = text.AsSpan().Trim();
        int end = line.IndexOfAny('\r', '\n');
        return (end < 0 ? line : line[..end]).ToString();
    }
}
