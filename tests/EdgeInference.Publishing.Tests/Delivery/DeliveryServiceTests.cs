using System.Collections.Concurrent;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Delivery;

/// <summary>Publishers that change while the service runs, with a real outbox.</summary>
public sealed class DeliveryServiceTests : IAsyncLifetime
{
    private static readonly CursorKey OtherStream = new("line2", "Mqtt");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");
    private readonly ReportOutbox _outbox;
    private readonly DeliveryService _service;

    public DeliveryServiceTests()
    {
        _outbox = new ReportOutbox(_folder.FullName, new OutboxOptions(), TimeProvider.System, NullLogger<ReportOutbox>.Instance);
        _service = new DeliveryService(_outbox, TimeProvider.System, NullLogger<DeliveryService>.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        await _outbox.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task ReplaceAsync_OtherPublisherInItsPlace_GoesOnWhereTheOldOneWas()
    {
        var before = new RecordingPublisher();
        var after = new RecordingPublisher();
        var other = new RecordingPublisher();
        await StartAsync(new DurablePublisher(Broker, before), new DurablePublisher(OtherStream, other));
        await AppendAsync("1", "2");
        await before.WaitForAsync(2);

        await _service.ReplaceAsync("line1", [new DurablePublisher(Broker, after)], CancellationToken.None);
        await AppendAsync("3", "4");
        await after.WaitForAsync(2);

        Assert.Equal(["1", "2"], before.Delivered);
        Assert.True(before.IsDisposed);
        Assert.Equal(["3", "4"], after.Delivered);
        Assert.False(other.IsDisposed);
        Assert.Same(after, Assert.Single(_service.PublishersOf("line1")).Publisher);
    }

    [Fact]
    public async Task ReplaceAsync_PublisherIsGone_DeliversWhatWaitsFirst()
    {
        var publisher = new RecordingPublisher { Gate = new TaskCompletionSource() };
        await StartAsync(new DurablePublisher(Broker, publisher));
        await AppendAsync("1", "2", "3");

        Task replacing = _service.ReplaceAsync("line1", [], CancellationToken.None);
        Assert.False(publisher.IsDisposed);
        publisher.Gate.SetResult();
        await replacing;

        Assert.Equal(["1", "2", "3"], publisher.Delivered);
        Assert.True(publisher.IsDisposed);
        Assert.Empty(_service.PublishersOf("line1"));
    }

    [Fact]
    public async Task ReplaceAsync_GoneAndBack_GetsWhatWaitedAndNothingOfTheTimeBetween()
    {
        var stuck = new RecordingPublisher { Gate = new TaskCompletionSource() };
        var other = new RecordingPublisher();
        await StartAsync(new DurablePublisher(Broker, stuck), new DurablePublisher(Files, other));
        await AppendAsync("1");

        // Both stay configured under this stream until the broker is taken out, too slow to take its report first.
        await _service.ReplaceAsync("line1", [new DurablePublisher(Files, other)], CancellationToken.None);
        await AppendAsync("2");
        var back = new RecordingPublisher();
        await _service.ReplaceAsync("line1", [new DurablePublisher(Broker, back), new DurablePublisher(Files, other)], CancellationToken.None);
        await AppendAsync("3");
        await back.WaitForAsync(2);

        Assert.Equal(["1", "3"], back.Delivered);
    }

    [Fact]
    public async Task ReplaceAsync_FirstPublisherOfAll_OpensTheOutbox()
    {
        await StartAsync();
        Assert.False(_outbox.IsOpen);
        var publisher = new RecordingPublisher();

        await _service.ReplaceAsync("line1", [new DurablePublisher(Broker, publisher)], CancellationToken.None);
        await AppendAsync("1");
        await publisher.WaitForAsync(1);

        Assert.Equal(["1"], publisher.Delivered);
    }

    /// <summary>A file where the outbox's folder should be: once that is mended, so is all.</summary>
    [Fact]
    public async Task ReplaceAsync_OutboxCannotBeOpened_DisposesThePublisherAndCanBeTriedAgain()
    {
        string folder = Path.Combine(_folder.FullName, "outbox");
        await File.WriteAllTextAsync(folder, "");
        await using var outbox = new ReportOutbox(folder, new OutboxOptions(), TimeProvider.System, NullLogger<ReportOutbox>.Instance);
        using var service = new DeliveryService(outbox, TimeProvider.System, NullLogger<DeliveryService>.Instance);
        await service.StartAsync(CancellationToken.None);
        var refused = new RecordingPublisher();

        await Assert.ThrowsAsync<OutboxException>(() => service.ReplaceAsync("line1", [new DurablePublisher(Broker, refused)], CancellationToken.None));
        Assert.True(refused.IsDisposed);
        Assert.Empty(service.PublishersOf("line1"));

        File.Delete(folder);
        var publisher = new RecordingPublisher();
        await service.ReplaceAsync("line1", [new DurablePublisher(Broker, publisher)], CancellationToken.None);
        await outbox.AppendAsync([TestReports.Numbered(1)]);
        await publisher.WaitForAsync(1);
        await service.StopAsync(CancellationToken.None);
    }

    private async Task StartAsync(params DurablePublisher[] publishers)
    {
        _service.Open(publishers);
        await _service.StartAsync(CancellationToken.None);
    }

    private Task AppendAsync(params string[] summaries) =>
        _outbox.AppendAsync([.. summaries.Select(static summary => TestReports.Numbered(1) with { Summary = summary })]);

    private sealed class RecordingPublisher : IPublisher
    {
        private readonly ConcurrentQueue<string> _delivered = new();

        /// <summary>What a delivery waits for.</summary>
        public TaskCompletionSource? Gate { get; init; }

        public string[] Delivered => [.. _delivered];

        public bool IsDisposed { get; private set; }

        public bool WantsJpeg => false;

        public string Destination => "memory";

        public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
        {
            if (Gate is not null)
                await Gate.Task.WaitAsync(cancellationToken);
            _delivered.Enqueue(report.Summary);
        }

        public async Task WaitForAsync(int count)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (_delivered.Count < count)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
