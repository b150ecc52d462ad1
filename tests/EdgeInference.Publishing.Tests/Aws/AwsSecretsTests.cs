using Amazon.Runtime;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.S3;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>Against a stub that repeats all it was sent, as the service does for a wrong signature and proxies do on error pages.</summary>
public sealed class AwsSecretsTests
{
    private const string AccessKey = "AKIACANARY";
    private const string SecretKey = "SecretCanary";
    private const string Token = "TokenCanary";

    public static TheoryData<string, int> Errors => new()
    {
        { "InvalidSignatureException", 400 },
        { "SignatureDoesNotMatch", 403 },
        { "AccessDenied", 403 },
        { "ValidationException", 400 },
        { "Unheard", 400 },
        { "", 403 },
        { "", 404 },
        { "", 500 },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task PublishAsync_KinesisRepeatsTheRequest_MessageHoldsNoSecret(string code, int status)
    {
        await using var stub = new StubHttpServer(request => StubAnswer.Json($$"""{"__type":"{{code}}","message":"{{Repeat(request)}}"}""", status));
        var options = new KinesisOptions { StreamName = "s", Region = "us-east-1", ServiceUrl = stub.Url };
        await using var publisher = new KinesisPublisher(options, TimeProvider.System, new SessionAWSCredentials(AccessKey, SecretKey, Token));

        await HoldsNoSecretAsync(publisher);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task PublishAsync_S3RepeatsTheRequest_MessageHoldsNoSecret(string code, int status)
    {
        await using var stub = new StubHttpServer(
            request => StubAnswer.Xml($"<Error><Code>{code}</Code><Message>{Repeat(request)}</Message></Error>", status));
        var options = new S3Options { Bucket = "pictures", Region = "us-east-1", ServiceUrl = stub.Url };
        await using var publisher = new S3Publisher(
            options, new PublisherContext("line1", false, "CPU"), TimeProvider.System, new SessionAWSCredentials(AccessKey, SecretKey, Token));

        await HoldsNoSecretAsync(publisher);
    }

    private static string Repeat(StubRequest request) => string.Join(' ', request.Headers.Select(static header => $"{header.Key}={header.Value}"));

    private static async Task HoldsNoSecretAsync(IPublisher publisher)
    {
        PublishException exception = await Assert.ThrowsAsync<PublishException>(
            () => publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None).AsTask());

        string told = exception.Message + publisher.Destination;
        Assert.DoesNotContain("Canary", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Signature=", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', told);
    }
}
