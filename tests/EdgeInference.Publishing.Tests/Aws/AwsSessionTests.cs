using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.S3;
using EdgeInference.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>Against a stub that takes connections and says nothing, on a clock of ours.</summary>
public sealed class AwsSessionTests
{
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

    private IPublisher Create(string kind, string url) => kind == "Kinesis"
        ? new KinesisPublisher(new KinesisOptions { StreamName = "s", ServiceUrl = url }, _time, AwsTestServers.Credentials)
        : new S3Publisher(new S3Options { Bucket = "pictures", ServiceUrl = url }, new PublisherContext("line1", false, "CPU"), _time, AwsTestServers.Credentials);
}
