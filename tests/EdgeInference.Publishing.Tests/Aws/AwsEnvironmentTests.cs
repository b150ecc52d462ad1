using Amazon;
using Amazon.Runtime;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.S3;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>
/// What the SDK finds by itself. The environment is that of the whole process: nothing runs beside these tests, and all
/// others are given their credentials, region and address.
/// </summary>
[Collection(nameof(AwsEnvironmentTests)), CollectionDefinition(nameof(AwsEnvironmentTests), DisableParallelization = true)]
public sealed class AwsEnvironmentTests : IDisposable
{
    private readonly List<(string Name, string? Value)> _before = [];

    public AwsEnvironmentTests()
    {
        Set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");
        Set("AWS_CONFIG_FILE", "/nowhere/config");
        Set("AWS_EC2_METADATA_DISABLED", "true");
        foreach (string name in new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" })
            Set(name, null);
        FallbackRegionFactory.Reset();
    }

    public void Dispose()
    {
        _before.Reverse();
        foreach ((string name, string? value) in _before)
            Environment.SetEnvironmentVariable(name, value);
        FallbackRegionFactory.Reset();
    }

    [Fact]
    public async Task PublishAsync_KinesisFromTheEnvironment_SignsWithItsCredentialsForItsRegion()
    {
        await using var stub = new StubHttpServer(
            static _ => StubAnswer.Json("""{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}"""));
        SetCredentials();
        Set("AWS_REGION", "eu-central-1");
        Set("AWS_ENDPOINT_URL_KINESIS", stub.Url);
        await using IPublisher publisher = Create(KinesisPublisher.Registration, new KinesisOptions { StreamName = "s", Region = "eu-west-3" });

        await publisher.PublishAsync(TestReports.WithJpeg(null), CancellationToken.None);

        StubRequest request = Assert.Single(stub.Requests);
        Assert.Contains("Credential=AKIDFROMENV/", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Contains("/eu-west-3/kinesis/aws4_request", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Equal("token-from-env", request.Headers["X-Amz-Security-Token"]);
        Assert.Equal("Kinesis_20131202.PutRecords", request.Headers["X-Amz-Target"]);
        Assert.Equal("application/x-amz-json-1.1", request.Headers["Content-Type"]);
        Assert.True(SignatureV4.Fits(request, "secret-from-env"));
    }

    [Fact]
    public async Task PublishAsync_S3FromTheEnvironment_SignsWithItsCredentials()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        SetCredentials();
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = stub.Url });

        await publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None);

        StubRequest request = Assert.Single(stub.Requests);
        Assert.Contains("Credential=AKIDFROMENV/", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.Equal("token-from-env", request.Headers["X-Amz-Security-Token"]);
        Assert.True(SignatureV4.Fits(request, "secret-from-env"));
    }

    [Fact]
    public async Task PublishAsync_NoCredentials_IsFinal()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = stub.Url });

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("s3://pictures/ needs credentials: none found in the environment, the profile, the container or the instance", exception.Message);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task PublishAsync_ProfileIsNotThere_IsFinal()
    {
        Set("AWS_PROFILE", "missing");
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = "http://127.0.0.1:1" });

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("s3://pictures/ needs credentials: none found in the environment, the profile, the container or the instance", exception.Message);
    }

    [Fact]
    public async Task PublishAsync_ProgramForCredentialsFails_IsTemporaryUntilItWorks()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-inference-test-");
        try
        {
            string program = Path.Combine(folder.FullName, "credentials");
            await File.WriteAllTextAsync(program, "echo canary; echo canary >&2; exit 7\n");

            // The SDK reads where profiles are once in a process. This is what it makes of a profile with credential_process.
            AWSConfigs.AWSCredentialsGenerators = [() => new ProcessAWSCredentials($"/bin/sh {program}")];
            Set("AWS_PROFILE", "program");
            await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = stub.Url });

            PublishException exception = await FailsAsync(publisher);
            Assert.Equal(
                (PublishFailure.Temporary, "s3://pictures/ needs credentials, which could not be obtained (ProcessAWSCredentialException)"),
                (exception.Failure, exception.Message));

            await File.WriteAllTextAsync(program, """echo '{"Version":1,"AccessKeyId":"AKIDOFPROGRAM","SecretAccessKey":"s"}'""");
            await publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None);
            Assert.Contains("Credential=AKIDOFPROGRAM/", Assert.Single(stub.Requests).Headers["Authorization"], StringComparison.Ordinal);
        }
        finally
        {
            AWSConfigs.AWSCredentialsGenerators = null;
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task PublishAsync_ContainerDoesNotAnswer_IsTemporary()
    {
        Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/credentials");

        // Says nothing by itself; the SDK forgets the container for the next test when it changes.
        Set("AWS_SESSION_TOKEN", "container");
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = "http://127.0.0.1:1" });

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.StartsWith("s3://pictures/ needs credentials, which the service at AWS_CONTAINER_CREDENTIALS_FULL_URI ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The reason is shown, but nothing of the answer.</summary>
    [Fact]
    public async Task PublishAsync_ContainerAnswersHalfASecret_IsTemporaryAndDoesNotShowIt()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Json("""{"AccessKeyId":"canary","SecretAccessKey":"canary"""));
        Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.Url);
        Set("AWS_SESSION_TOKEN", "half");
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = "http://127.0.0.1:1" });

        PublishException exception = await FailsAsync(publisher);

        Assert.NotEmpty(stub.Requests);
        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("has not given: Unable to retrieve credentials.", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_CredentialsAppearLater_AreFound()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        await using IPublisher publisher = Create(S3Publisher.Registration, new S3Options { Bucket = "pictures", ServiceUrl = stub.Url });
        await FailsAsync(publisher);
        SetCredentials();

        await publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None);

        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a region")]
    public async Task PublishAsync_NoRegion_IsFinal(string? region)
    {
        SetCredentials();
        Set("AWS_REGION", region);
        await using IPublisher publisher = Create(KinesisPublisher.Registration, new KinesisOptions { StreamName = "s" });

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("kinesis://default/s has no address: no usable region is set; set Region, ServiceUrl or AWS_REGION", exception.Message);
    }

    private static IPublisher Create(PublisherRegistration registration, PublisherOptions options) =>
        registration.Create(new OnlyTheClock(), new PublisherContext("line1", false, "CPU"), options);

    private static Task<PublishException> FailsAsync(IPublisher publisher) => Assert.ThrowsAsync<PublishException>(
        () => publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None).AsTask());

    private void SetCredentials()
    {
        Set("AWS_ACCESS_KEY_ID", "AKIDFROMENV");
        Set("AWS_SECRET_ACCESS_KEY", "secret-from-env");
        Set("AWS_SESSION_TOKEN", "token-from-env");
    }

    private void Set(string name, string? value)
    {
        _before.Add((name, Environment.GetEnvironmentVariable(name)));
        Environment.SetEnvironmentVariable(name, value);
    }

    private sealed class OnlyTheClock : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(TimeProvider) ? TimeProvider.System : null;
    }
}
