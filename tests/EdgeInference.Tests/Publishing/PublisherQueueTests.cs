using EdgeInference.Publishing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Tests.Publishing;

public sealed class PublisherQueueTests
{
    private readonly RecordingPublisher _publisher = new();

    [Fact]
    public async Task RunAsync_CompletedQueue_PublishesEverythingInOrder()
    {
        PublisherQueue queue = Create();
        for (int i = 1; i <= 3; i++)
            await queue.EnqueueAsync(Report(i), wait: true, CancellationToken.None);
        queue.Complete();

        await queue.RunAsync(CancellationToken.None);

        Assert.Equal(["1", "2", "3"], _publisher.Published);
        Assert.Equal(3, queue.Published);
        Assert.Equal(0, queue.Lost);
    }

    [Fact]
    public async Task RunAsync_PublisherFails_CountsTheReportAndGoesOn()
    {
        PublisherQueue queue = Create();
        _publisher.Refused.Add("1");
        await queue.EnqueueAsync(Report(1), wait: true, CancellationToken.None);
        await queue.EnqueueAsync(Report(2), wait: true, CancellationToken.None);
        queue.Complete();

        await queue.RunAsync(CancellationToken.None);

        Assert.Equal(["2"], _publisher.Published);
        Assert.Equal(1, queue.Lost);
    }

    [Theory]
    [InlineData(ReportKind.Lifecycle, 1)]
    [InlineData(ReportKind.Result, 2)]
    public async Task RunAsync_SuccessAfterFailure_SaysSoForAResultOnly(ReportKind kind, int expectedMessages)
    {
        var log = new ListLogger();
        var queue = new PublisherQueue("stream", "Recording", _publisher, TimeProvider.System, log);
        _publisher.Refused.Add("1");
        await queue.EnqueueAsync(Report(1), wait: true, CancellationToken.None);
        await queue.EnqueueAsync(Report(2) with { Kind = kind }, wait: true, CancellationToken.None);
        queue.Complete();

        await queue.RunAsync(CancellationToken.None);

        Assert.Equal(expectedMessages, log.Messages.Count);
    }

    [Fact]
    public async Task EnqueueAsync_FullQueueOfALiveSource_LosesTheReportAtOnce()
    {
        PublisherQueue queue = Create();
        int queued = 0;
        while (queue.Lost == 0)
        {
            await queue.EnqueueAsync(Report(++queued), wait: false, CancellationToken.None);
        }

        queue.Complete();
        await queue.RunAsync(CancellationToken.None);

        Assert.Equal(queued - 1, queue.Published);
    }

    [Fact]
    public async Task EnqueueAsync_FullQueueOfAFile_WaitsForRoom()
    {
        PublisherQueue queue = Create();
        ValueTask waiting = ValueTask.CompletedTask;
        int queued = 0;
        while (waiting.IsCompleted)
            waiting = queue.EnqueueAsync(Report(++queued), wait: true, CancellationToken.None);

        Task running = queue.RunAsync(CancellationToken.None);
        await waiting;
        queue.Complete();
        await running;

        Assert.Equal(queued, queue.Published);
        Assert.Equal(0, queue.Lost);
    }

    private PublisherQueue Create() => new("stream", "Recording", _publisher, TimeProvider.System, NullLogger.Instance);

    private static Report Report(int number) => new()
    {
        Id = Guid.NewGuid(),
        Stream = "stream",
        Model = "m",
        Kind = ReportKind.Result,
        Timestamp = DateTimeOffset.UnixEpoch,
        Topic = "topic",
        Payload = default,
        Summary = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
