using Amazon.S3;
using EdgeInference.Publishing.Aws;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.S3;
using EdgeInference.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>Waits that would not end, on a clock of ours: the server is a stub that takes connections and says nothing.</summary>
public sealed class AwsSessionTests
{
    /// <summary>As a picture and as a record it takes a hundred seconds at the rate that counts as stalled, beside the 20 for the answer.</summary>
    private static readonly Report Large = TestReports.WithJpeg(new byte[400_000]) with { Payload = new byte[300_000] };

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("Kinesis")]
    [InlineData("S3")]
    public async Task PublishAsync_NoAnswer_IsTemporaryAfterTheDeadline(string kind)
    {
        await using var stub = new StubHttpServer(static _ => null);
        await using IPublisher publisher = Create(kind, stub.Url);

        Task publishing = publisher.PublishAsync(TestReports.WithJpeg([1]), CancellationToken.None).AsTask();
        await stub.Asked;
        Assert.False(publishing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(20));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.EndsWith("has not answered within 20 s", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kinesis")]
    [InlineData("S3")]
    public async Task PublishAsync_LargeReportOnASlowLine_HasTheTimeThatItTakes(string kind)
    {
        using var slowness = new ManualResetEventSlim();
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stub = new StubHttpServer(_ =>
        {
            sent.SetResult();
            slowness.Wait();
            return kind == "Kinesis"
                ? StubAnswer.Json("""{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000000"}]}""")
                : StubAnswer.Xml("", 200);
        });
        await using IPublisher publisher = Create(kind, stub.Url);

        Task publishing = publisher.PublishAsync(Large, CancellationToken.None).AsTask();
        await sent.Task;
        _time.Advance(TimeSpan.FromSeconds(119));
        slowness.Set();

        await publishing;
    }

    [Fact]
    public async Task PublishAsync_LargePictureStalls_IsTemporaryAllTheSame()
    {
        await using var stub = new StubHttpServer(static _ => null);
        await using IPublisher publisher = Create("S3", stub.Url);

        Task publishing = publisher.PublishAsync(Large, CancellationToken.None).AsTask();
        await stub.Asked;
        _time.Advance(TimeSpan.FromSeconds(120));

        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.EndsWith("has not answered within 120 s", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The SDK's own clock is no fake one.</summary>
    [Fact]
    public void Apply_AnyConfig_SetsNoLimitBesideTheSessions() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, AwsSettings.Apply(new AmazonS3Config(), region: null, serviceUrl: null).Timeout);

    [Theory]
    [InlineData("Kinesis")]
    [InlineData("S3")]
    public async Task PublishAsync_Cancelled_SaysSo(string kind)
    {
        using var cancellation = new CancellationTokenSource();
        await using var stub = new StubHttpServer(static _ => null);
        await using IPublisher publisher = Create(kind, stub.Url);

        Task publishing = publisher.PublishAsync(TestReports.WithJpeg([1]), cancellation.Token).AsTask();
        await stub.Asked;
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    /// <summary>
    /// As the SDK does that asks an instance service which is not there; it keeps that service's address for the whole process. The
    /// deadline does not grow with what is to be sent.
    /// </summary>
    [Fact]
    public async Task CallAsync_SearchBlocksItsThread_EndsAtTheDeadlineAndTheNextCallWaitsForTheSameSearch()
    {
        using var found = new ManualResetEventSlim();
        var searching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int searches = 0;
        using var session = new AwsSession<AmazonS3Client>(
            "s3://b/",
            () =>
            {
                searches++;
                searching.SetResult();
                found.Wait();
                return new AmazonS3Client(AwsTestServers.Credentials, new AmazonS3Config { ServiceURL = "http://127.0.0.1:1" });
            },
            hasCredentials: true,
            _time);

        Task<int> first = session.CallAsync(1 << 20, static (_, _) => Task.FromResult(1), CancellationToken.None);
        await searching.Task;
        _time.Advance(TimeSpan.FromSeconds(20));
        PublishException exception = await Assert.ThrowsAsync<PublishException>(() => first);
        Task<int> second = session.CallAsync(0, static (_, _) => Task.FromResult(2), CancellationToken.None);
        found.Set();

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal("s3://b/ has found no credentials within 20 s", exception.Message);
        Assert.Equal(2, await second);
        Assert.Equal(1, searches);
    }

    private IPublisher Create(string kind, string url) => kind == "Kinesis"
        ? new KinesisPublisher(new KinesisOptions { StreamName = "s", ServiceUrl = url }, _time, AwsTestServers.Credentials)
        : new S3Publisher(new S3Options { Bucket = "pictures", ServiceUrl = url }, new PublisherContext("line1", false, "CPU"), _time, AwsTestServers.Credentials);
}
