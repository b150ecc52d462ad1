using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using EdgeInference.Publishing.Aws;

namespace EdgeInference.Publishing.Tests.Aws;

public sealed class AwsErrorsTests
{
    [Theory]
    [InlineData("ResourceNotFoundException", 400, PublishFailure.Final)]
    [InlineData("AccessDeniedException", 400, PublishFailure.Final)]
    [InlineData("AccessDenied", 403, PublishFailure.Final)]
    [InlineData("AccessDeniedForSomething", 403, PublishFailure.Final)]
    [InlineData("UnrecognizedClientException", 400, PublishFailure.Final)]
    [InlineData("InvalidSignatureException", 400, PublishFailure.Final)]
    [InlineData("IncompleteSignatureException", 400, PublishFailure.Final)]
    [InlineData("SignatureDoesNotMatch", 403, PublishFailure.Final)]
    [InlineData("MissingAuthenticationTokenException", 400, PublishFailure.Final)]
    [InlineData("ExpiredTokenException", 400, PublishFailure.Final)]
    [InlineData("ExpiredToken", 400, PublishFailure.Final)]
    [InlineData("InvalidAccessKeyId", 403, PublishFailure.Final)]
    [InlineData("NoSuchBucket", 404, PublishFailure.Final)]
    [InlineData("PermanentRedirect", 301, PublishFailure.Final)]
    [InlineData("AuthorizationHeaderMalformed", 400, PublishFailure.Final)]
    [InlineData("InvalidArgumentException", 400, PublishFailure.Final)]
    [InlineData("ValidationException", 400, PublishFailure.Final)]
    [InlineData("KMSDisabledException", 400, PublishFailure.Final)]
    [InlineData("Unheard", 403, PublishFailure.Final)]
    [InlineData(null, 401, PublishFailure.Final)]
    [InlineData(null, 301, PublishFailure.Final)]
    [InlineData("EntityTooLarge", 400, PublishFailure.Permanent)]
    [InlineData("KeyTooLongError", 400, PublishFailure.Permanent)]
    [InlineData("MetadataTooLarge", 400, PublishFailure.Permanent)]
    [InlineData("InvalidRequest", 400, PublishFailure.Final)]
    [InlineData("ProvisionedThroughputExceededException", 400, PublishFailure.Temporary)]
    [InlineData("KMSThrottlingException", 400, PublishFailure.Temporary)]
    [InlineData("InternalFailure", 500, PublishFailure.Temporary)]
    [InlineData("ServiceUnavailable", 503, PublishFailure.Temporary)]
    [InlineData("SlowDown", 503, PublishFailure.Temporary)]
    [InlineData("RequestTimeTooSkewed", 403, PublishFailure.Temporary)]
    [InlineData("BadDigest", 400, PublishFailure.Temporary)]
    [InlineData("Unheard", 400, PublishFailure.Temporary)]
    [InlineData("", 502, PublishFailure.Temporary)]
    public void Classify_Code_SaysWhoseFaultItIs(string? code, int status, PublishFailure expected) =>
        Assert.Equal(expected, AwsErrors.Classify(code, (HttpStatusCode)status));

    [Fact]
    public void Refused_CodeFromOutside_ShowsWhatIsPrintableOfIt()
    {
        PublishException exception = AwsErrors.Refused("s3://b/", "Bad\r\nCode <" + new string('x', 100), HttpStatusCode.BadRequest, inner: null);

        Assert.Equal("s3://b/ did not take it: BadCode" + new string('x', 57) + " (HTTP 400)", exception.Message);
    }

    [Fact]
    public void ToPublishException_TextOfTheService_IsNotInTheMessage()
    {
        var told = new AmazonServiceException("x-amz-security-token:CANARY", null, ErrorType.Sender, "InvalidSignatureException", "id", HttpStatusCode.BadRequest);

        PublishException exception = AwsErrors.ToPublishException("kinesis://r/s", told);

        Assert.DoesNotContain("CANARY", exception.Message, StringComparison.Ordinal);
        Assert.Equal(
            "kinesis://r/s did not take it: InvalidSignatureException (HTTP 400): the credentials are not valid; check the access key, its secret and the clock",
            exception.Message);
        Assert.Same(told, exception.InnerException);
    }

    [Fact]
    public void ToPublishException_NoConnection_IsTemporaryAndTellsItInOneLine()
    {
        var refused = new HttpRequestException("An error.", new SocketException((int)SocketError.ConnectionRefused));

        PublishException exception = AwsErrors.ToPublishException("s3://b/", refused);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal("s3://b/ cannot be reached: Connection refused", exception.Message);
    }

    [Fact]
    public void ToPublishException_CertificateNotTrusted_IsFinal()
    {
        var untrusted = new AmazonServiceException(new HttpRequestException("An error.", new AuthenticationException("The remote certificate is invalid.\r\nMore.")));

        PublishException exception = AwsErrors.ToPublishException("s3://b/", untrusted);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("s3://b/ cannot be trusted: The remote certificate is invalid.", exception.Message);
    }

    [Fact]
    public void ToPublishException_TextOfTheSdk_IsNotInTheMessage()
    {
        PublishException exception = AwsErrors.ToPublishException("s3://b/", new AmazonClientException("the program printed CANARY"));

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal("s3://b/ cannot be reached: AmazonClientException", exception.Message);
    }
}
