using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.S3;
using EdgeInference.Publishing.Tests.Aws;
using EdgeInference.Publishing.Tests.Outbox;
using EdgeInference.Retrying;
using EdgeInference.TestServers;
using static EdgeInference.Publishing.Tests.Outbox.TestOutbox;

namespace EdgeInference.Publishing.Tests.Delivery;

/// <summary>
/// From the outbox through the loop and the SDK to a service that is throttled. The services are stubs: no server that can be run here has
/// limits of this kind.
/// </summary>
public sealed class ThrottlingTests : IAsyncLifetime
{
    private const int Reports = 40;

    private readonly TestOutbox _test = new();
    private readonly ListLogger<DeliveryLoop> _log = new();

    public async Task InitializeAsync()
    {
        await _test.OpenAsync(Broker);
        await _test.AppendAsync([.. Enumerable.Range(1, Reports).Select(static number => TestReports.Numbered(number, jpegBytes: number))]);
    }

    public Task DisposeAsync() => _test.DisposeAsync().AsTask();

    /// <summary>Of a request, Kinesis takes those records for which there is room: here all but the second of four and more.</summary>
    [Fact]
    public async Task RunAsync_KinesisTakesRequestsInPart_LastCopiesAreAllThereAndInOrder()
    {
        var taken = new ConcurrentQueue<string>();
        await using var stub = new StubHttpServer(request =>
        {
            JsonArray records = JsonNode.Parse(request.Body)!["Records"]!.AsArray();
            int refused = records.Count >= 4 ? 1 : -1;
            for (int i = 0; i < records.Count; i++)
            {
                if (i != refused)
                    taken.Enqueue(Encoding.UTF8.GetString(Convert.FromBase64String(records[i]!["Data"]!.GetValue<string>())));
            }

            return StubAnswer.Json(JsonSerializer.Serialize(new
            {
                FailedRecordCount = refused < 0 ? 0 : 1,
                Records = records.Select((_, i) => i == refused
                    ? (object)new { ErrorCode = "ProvisionedThroughputExceededException", ErrorMessage = "Rate exceeded." }
                    : new { SequenceNumber = $"{i}", ShardId = "shardId-000000000000" }),
            }));
        });
        await using var publisher = new KinesisPublisher(
            new KinesisOptions { StreamName = "s", Region = "us-east-1", ServiceUrl = stub.Url }, TimeProvider.System, AwsTestServers.Credentials);

        await DeliverAllAsync(publisher);

        // The last copy of each is where it first stands when they are read from the end.
        Assert.Equal(
            Enumerable.Range(1, Reports).Select(static number => $"{{\"frame_id\":{number}}}"),
            taken.Reverse().Distinct().Reverse());
        Assert.True(taken.Count > Reports);
        Assert.Contains("ProvisionedThroughputExceededException", _log.Lines[0].Item2, StringComparison.Ordinal);
    }

    /// <summary>More refusals in a row than the SDK bridges, at the start and in the midst.</summary>
    [Fact]
    public async Task RunAsync_S3SaysSlowDown_EachPictureArrivesOnceInOrder()
    {
        var taken = new ConcurrentQueue<int>();
        int asked = 0;
        await using var stub = new StubHttpServer(request =>
        {
            if (++asked is <= 3 or (> 20 and <= 23))
                return StubAnswer.Xml("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>", (int)HttpStatusCode.ServiceUnavailable);
            taken.Enqueue(request.Body.Length);
            return StubAnswer.Xml("", 200);
        });
        await using var publisher = new S3Publisher(
            new S3Options { Bucket = "pictures", Region = "us-east-1", ServiceUrl = stub.Url },
            new PublisherContext("line1", false, "CPU"),
            TimeProvider.System,
            AwsTestServers.Credentials);

        await DeliverAllAsync(publisher);

        Assert.Equal(Enumerable.Range(1, Reports), taken);
        Assert.Equal(
            ["cannot deliver", "delivers again", "cannot deliver", "delivers again"],
            _log.Lines.Select(static line => line.Item2.Contains("SlowDown", StringComparison.Ordinal) ? "cannot deliver" : "delivers again"));
    }

    /// <summary>
    /// With the loop's pauses on a fake clock, which goes on while the loop works: how much of it lies between two outages is left to the
    /// machine, and nothing here depends on it (of two, none counts as unsteady).
    /// </summary>
    private async Task DeliverAllAsync(IPublisher publisher)
    {
        using var stop = new CancellationTokenSource();
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var loop = new DeliveryLoop(_test.Cursor(Broker), publisher, new RetryBackoff(), _test.Time, _log);
        Task running = loop.RunAsync(stop.Token);
        while (!loop.IsUpToDate)
        {
            _test.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, hang.Token);
        }

        Assert.Equal((Reports, 0, 0), (loop.Delivered, loop.SetAside, (await _test.StatisticsAsync(Broker)).Waiting));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
