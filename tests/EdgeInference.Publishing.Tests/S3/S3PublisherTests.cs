using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EdgeInference.Publishing.S3;
using EdgeInference.Publishing.Tests.Aws;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.S3;

[Collection(AwsTests.Name)]
public sealed class S3PublisherTests(AwsTestServers servers)
{
    [Theory]
    [MemberData(nameof(AwsTestServers.OfS3), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_Report_PutsItsPictureWithWhatDescribesIt(string server)
    {
        byte[] jpeg = Picture(300_000);
        await using S3Publisher publisher = Create(servers[server].Url);

        await publisher.PublishAsync(TestReports.WithJpeg(jpeg) with { Model = "gesichter-ü" }, CancellationToken.None);

        using AmazonS3Client client = servers.S3Client(server);
        using GetObjectResponse found = await client.GetObjectAsync(AwsTestServers.Bucket, "line1/2026/01/31/2026-01-31T12-34-56.789012.jpg");
        Assert.Equal(jpeg, await BytesAsync(found));
        Assert.Equal("image/jpeg", found.Headers.ContentType);
        Assert.Equal("019c1234-0000-7000-8000-000000000001", found.Metadata["report-id"]);
        Assert.Equal("line1", found.Metadata["stream"]);
        Assert.Equal("gesichter-%C3%BC", found.Metadata["model"]);
        Assert.Equal(S3Names.MetadataValue(Environment.MachineName), found.Metadata["device"]);
        Assert.Equal("CPU", found.Metadata["inference-device"]);
        Assert.Equal("2026-01-31T12:34:56.789012Z", found.Metadata["timestamp"]);
    }

    [Theory]
    [MemberData(nameof(AwsTestServers.OfS3), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_SameReportTwice_ReplacesItself(string server)
    {
        await using S3Publisher publisher = Create(servers[server].Url, options => options.Key = "twice/{stream}/{id} ä+(1).jpg");

        await publisher.PublishAsync(TestReports.WithJpeg(Picture(1000)), CancellationToken.None);
        await publisher.PublishAsync(TestReports.WithJpeg(Picture(1000)), CancellationToken.None);

        using AmazonS3Client client = servers.S3Client(server);
        ListObjectsV2Response list = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = AwsTestServers.Bucket, Prefix = "twice/" });
        S3Object only = Assert.Single(list.S3Objects);
        Assert.Equal("twice/line1/019c1234-0000-7000-8000-000000000001 ä+(1).jpg", only.Key);
        Assert.Equal(1000, only.Size);
    }

    [Fact]
    public async Task PublishAsync_ParamStream_NamesPicturesAsTheSamplesDid()
    {
        await using var publisher = new S3Publisher(
            Options(servers["s3rver"].Url), new PublisherContext("line1", true, "CPU"), TimeProvider.System, AwsTestServers.Credentials);

        await publisher.PublishAsync(TestReports.WithJpeg(Picture(10)), CancellationToken.None);

        using AmazonS3Client client = servers.S3Client("s3rver");
        using GetObjectResponse found = await client.GetObjectAsync(AwsTestServers.Bucket, "2026-01-31T12-34-56.789012.jpeg");
        Assert.Equal(Picture(10), await BytesAsync(found));
    }

    /// <summary>Against a stub, which shows the request as it is on the wire; a chunked body is not taken by every server.</summary>
    [Fact]
    public async Task PublishAsync_Report_SendsOneBodyWithItsChecksum()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        await using S3Publisher publisher = Create(stub.Url);
        byte[] jpeg = Picture(5000);

        await publisher.PublishAsync(TestReports.WithJpeg(jpeg), CancellationToken.None);

        StubRequest request = Assert.Single(stub.Requests);
        Assert.Equal("PUT /pictures/line1/2026/01/31/2026-01-31T12-34-56.789012.jpg HTTP/1.1", request.Line);
        Assert.Equal(jpeg, request.Body);
        Assert.Equal("5000", request.Headers["Content-Length"]);
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(jpeg)), request.Headers["x-amz-checksum-sha256"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(jpeg)), request.Headers["x-amz-content-sha256"]);
        Assert.DoesNotContain(request.Headers.Keys, static name => name is "x-amz-trailer" or "Transfer-Encoding" or "Content-Encoding");
        Assert.Contains("/us-east-1/s3/aws4_request", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.True(SignatureV4.Fits(request, AwsTestServer.SecretKey));
    }

    [Fact]
    public async Task PublishAsync_NoPicture_SendsNothing()
    {
        await using var stub = new StubHttpServer(static _ => StubAnswer.Xml("", 200));
        await using S3Publisher publisher = Create(stub.Url);

        await publisher.PublishAsync(TestReports.WithJpeg(null), CancellationToken.None);

        Assert.Empty(stub.Requests);
    }

    [Theory]
    [MemberData(nameof(AwsTestServers.OfS3), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_NoSuchBucket_IsFinal(string server)
    {
        await using S3Publisher publisher = Create(servers[server].Url, static options => options.Bucket = "nowhere");

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal(
            "s3://nowhere/ did not take it: NoSuchBucket (HTTP 404): there is no such bucket; create it, or check Bucket and ServiceUrl", exception.Message);
    }

    [Fact]
    public async Task PublishAsync_UnknownAccessKey_IsFinal()
    {
        await using var publisher = new S3Publisher(
            Options(servers["s3rver"].Url), new PublisherContext("line1", false, "CPU"), TimeProvider.System, new BasicAWSCredentials("AKIAUNKNOWN", "x"));

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains("InvalidAccessKeyId", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Against a stub: the real servers have none of these limits and troubles.</summary>
    [Theory]
    [InlineData("EntityTooLarge", 400, PublishFailure.Permanent)]
    [InlineData("AccessDenied", 403, PublishFailure.Final)]
    [InlineData("SlowDown", 503, PublishFailure.Temporary)]
    [InlineData("InternalError", 500, PublishFailure.Temporary)]
    public async Task PublishAsync_ServiceRefuses_SaysWhoseFaultItIs(string code, int status, PublishFailure expected)
    {
        await using var stub = new StubHttpServer(_ => StubAnswer.Xml($"<Error><Code>{code}</Code><Message>m</Message></Error>", status));
        await using S3Publisher publisher = Create(stub.Url);

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(expected, exception.Failure);
        Assert.Contains(code, exception.Message, StringComparison.Ordinal);
        Assert.InRange(stub.Requests.Count, 1, 3);
    }

    [Fact]
    public async Task PublishAsync_ServerIsDown_IsTemporary()
    {
        AwsTestServer server = await S3rverServer.StartAsync(AwsTestServers.Bucket);
        await using S3Publisher publisher = Create(server.Url);
        await publisher.PublishAsync(TestReports.WithJpeg(Picture(10)), CancellationToken.None);
        await server.DisposeAsync();

        PublishException exception = await FailsAsync(publisher);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
    }

    private static S3Options Options(string url) => new() { Enabled = true, Bucket = AwsTestServers.Bucket, Region = "us-east-1", ServiceUrl = url };

    private static S3Publisher Create(string url, Action<S3Options>? set = null)
    {
        S3Options options = Options(url);
        set?.Invoke(options);
        return new S3Publisher(options, new PublisherContext("line1", false, "CPU"), TimeProvider.System, AwsTestServers.Credentials);
    }

    private static Task<PublishException> FailsAsync(S3Publisher publisher) => Assert.ThrowsAsync<PublishException>(
        () => publisher.PublishAsync(TestReports.WithJpeg(Picture(10)), CancellationToken.None).AsTask());

    private static byte[] Picture(int length)
    {
        byte[] jpeg = new byte[length];
        new Random(length).NextBytes(jpeg);
        return jpeg;
    }

    private static async Task<byte[]> BytesAsync(GetObjectResponse found)
    {
        using var bytes = new MemoryStream();
        await found.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
