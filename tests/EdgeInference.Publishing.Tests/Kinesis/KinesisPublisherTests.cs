using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.Tests.Aws;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Kinesis;

[Collection(AwsTests.Name)]
public sealed class KinesisPublisherTests(AwsTestServers servers)
{
    [Theory]
    [MemberData(nameof(AwsTestServers.OfKinesis), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_Reports_ArriveInOrderUnderTheNameOfTheirStream(string server)
    {
        await using KinesisPublisher publisher = Create(server, "in-order");
        using KinesisReader reader = await StreamAsync(server, "in-order");

        await publisher.PublishAsync([Numbered(0), Numbered(1), Numbered(2)], CancellationToken.None);
        await ((IPublisher)publisher).PublishAsync(Numbered(3), CancellationToken.None);

        IReadOnlyList<KinesisRecord> records = await reader.ReadAsync("in-order");
        Assert.Equal(["0", "1", "2", "3"], records.Select(Text));
        Assert.All(records, static record => Assert.Equal("line1", record.PartitionKey));
    }

    [Theory]
    [MemberData(nameof(AwsTestServers.OfKinesis), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_PartitionKeyAndHashKey_ChooseTheShard(string server)
    {
        string name = "sharded";
        using KinesisReader reader = await StreamAsync(server, name, shards: 2);

        // One less than the last, which Moto finds no shard for.
        string top = "340282366920938463463374607431768211454";
        await using KinesisPublisher low = Create(server, name, options => (options.PartitionKey, options.ExplicitHashKey) = ("schlüssel", "0"));
        await using KinesisPublisher high = Create(server, name, options => (options.PartitionKey, options.ExplicitHashKey) = ("schlüssel", top));

        await low.PublishAsync([Numbered(0)], CancellationToken.None);
        await high.PublishAsync([Numbered(1)], CancellationToken.None);

        IReadOnlyList<KinesisRecord> records = await reader.ReadAsync(name);
        Assert.Equal(["0", "1"], records.Select(Text));
        Assert.Equal(2, records.Select(static record => record.Shard).Distinct().Count());
        Assert.All(records, static record => Assert.Equal("schlüssel", record.PartitionKey));
    }

    [Theory]
    [MemberData(nameof(AwsTestServers.OfKinesis), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_MoreReportsThanARequestTakes_AllArriveInOrder(string server)
    {
        await using KinesisPublisher publisher = Create(server, "many");
        using KinesisReader reader = await StreamAsync(server, "many");

        await publisher.PublishAsync([.. Enumerable.Range(0, 1200).Select(Numbered)], CancellationToken.None);

        IReadOnlyList<KinesisRecord> records = await reader.ReadAsync("many");
        Assert.Equal(Enumerable.Range(0, 1200).Select(static i => i.ToString(CultureInfo.InvariantCulture)), records.Select(Text));
    }

    /// <summary>Kinesalite refuses a record over 1 MB and a body over 7 MB; each of these is a request of its own.</summary>
    [Fact]
    public async Task PublishAsync_MoreBytesThanARequestTakes_AllArriveInOrder()
    {
        await using KinesisPublisher publisher = Create("kinesalite", "large");
        using KinesisReader reader = await StreamAsync("kinesalite", "large");
        Report[] reports = [.. Enumerable.Range(0, 12).Select(static i => Sized(i, (1 << 20) - "line1".Length))];

        await publisher.PublishAsync(reports, CancellationToken.None);

        IReadOnlyList<KinesisRecord> records = await reader.ReadAsync("large");
        Assert.Equal(reports.Select(static report => report.Payload.ToArray()), records.Select(static record => record.Data));
    }

    /// <summary>Against a stub, which shows how the records are divided.</summary>
    [Fact]
    public async Task PublishAsync_ManyReports_FillsEachRequestUpToTheLimits()
    {
        await using var stub = new StubHttpServer(static request => StubAnswer.Json(Answer(Records(request), failed: -1)));
        await using KinesisPublisher publisher = Create(new Uri(stub.Url), "s");
        int fifth = ((1 << 20) / 5) - "line1".Length;

        await publisher.PublishAsync([.. Enumerable.Range(0, 1200).Select(Numbered)], CancellationToken.None);
        await publisher.PublishAsync([.. Enumerable.Range(0, 6).Select(i => Sized(i, fifth))], CancellationToken.None);

        Assert.Equal([500, 500, 200, 5, 1], stub.Requests.Select(Records));
    }

    [Fact]
    public async Task PublishAsync_ReportLargerThanARecord_IsPermanentAfterThoseBeforeIt()
    {
        await using KinesisPublisher publisher = Create("kinesalite", "too-large");
        using KinesisReader reader = await StreamAsync("kinesalite", "too-large");
        Report[] reports = [Numbered(0), Sized(1, (1 << 20) - "line1".Length + 1), Numbered(2)];

        PublishException exception = await FailsAsync(publisher, reports);
        await publisher.PublishAsync(reports[2..], CancellationToken.None);

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Equal(1, exception.Delivered);
        Assert.Contains("1048576", exception.Message, StringComparison.Ordinal);
        Assert.Contains("1048577", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["0", "2"], (await reader.ReadAsync("too-large")).Select(Text));
    }

    /// <summary>Against a stub: the real servers take all of a request or nothing.</summary>
    [Theory]
    [InlineData("ProvisionedThroughputExceededException")]
    [InlineData("InternalFailure")]
    public async Task PublishAsync_PartOfARequestFails_TellsWhereToSendAgainFrom(string code)
    {
        int asked = 0;
        await using var stub = new StubHttpServer(request => StubAnswer.Json(Answer(Records(request), asked++ == 1 ? 3 : -1, code)));
        await using KinesisPublisher publisher = Create(new Uri(stub.Url), "s");
        Report[] reports = [.. Enumerable.Range(0, 512).Select(Numbered)];

        PublishException exception = await FailsAsync(publisher, reports);
        await publisher.PublishAsync(reports[exception.Delivered..], CancellationToken.None);

        // In the first request 500 records; in the second one 12, of which the fourth fails.
        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal(500 + 3, exception.Delivered);
        Assert.Contains(code, exception.Message, StringComparison.Ordinal);
        Assert.Equal(reports[exception.Delivered].Payload.ToArray(), Convert.FromBase64String(FirstRecord(stub.Requests.Last())));
        Assert.Equal([500, 12, 9], stub.Requests.Select(Records));
    }

    /// <summary>Against a stub: the real servers have no limits of this kind.</summary>
    [Theory]
    [InlineData("ProvisionedThroughputExceededException", 400)]
    [InlineData("LimitExceededException", 400)]
    [InlineData("ServiceUnavailable", 503)]
    [InlineData("InternalFailure", 500)]
    public async Task PublishAsync_ServiceHasTroubles_IsTemporaryAfterFewAttempts(string code, int status)
    {
        await using var stub = new StubHttpServer(_ => StubAnswer.Json($$"""{"__type":"{{code}}","message":"Slow down."}""", status));
        await using KinesisPublisher publisher = Create(new Uri(stub.Url), "s");

        PublishException exception = await FailsAsync(publisher, [Numbered(0)]);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal(0, exception.Delivered);
        Assert.Contains(code, exception.Message, StringComparison.Ordinal);
        Assert.InRange(stub.Requests.Count, 1, 3);
    }

    [Fact]
    public async Task PublishAsync_Redirected_AsksNobodyElse()
    {
        await using var other = new StubHttpServer(static request => StubAnswer.Json(Answer(Records(request), failed: -1)));
        await using var stub = new StubHttpServer(_ => StubAnswer.Json("", 307, $"Location: {other.Url}/"));
        await using KinesisPublisher publisher = Create(new Uri(stub.Url), "s");

        Assert.Equal(PublishFailure.Temporary, (await FailsAsync(publisher, [Numbered(0)])).Failure);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("<html>a proxy</html>")]
    [InlineData("{\"FailedRecordCount\":0,\"Records\":[]}")]
    [InlineData("")]
    public async Task PublishAsync_AnswerOfAnotherServer_IsTemporary(string body)
    {
        await using var stub = new StubHttpServer(_ => StubAnswer.Json(body));
        await using KinesisPublisher publisher = Create(new Uri(stub.Url), "s");

        Assert.Equal(PublishFailure.Temporary, (await FailsAsync(publisher, [Numbered(0)])).Failure);
    }

    [Theory]
    [MemberData(nameof(AwsTestServers.OfKinesis), MemberType = typeof(AwsTestServers))]
    public async Task PublishAsync_NoSuchStream_IsFinal(string server)
    {
        await using KinesisPublisher publisher = Create(server, "nowhere");

        PublishException exception = await FailsAsync(publisher, [Numbered(0)]);

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal(
            "kinesis://us-east-1/nowhere did not take it: ResourceNotFoundException (HTTP 400): there is no such stream; create it, or check StreamName and Region",
            exception.Message);
    }

    [Fact]
    public async Task PublishAsync_ServerIsDown_IsTemporary()
    {
        AwsTestServer server = await KinesaliteServer.StartAsync();
        await using KinesisPublisher publisher = Create(server.Address, "down");
        using (var reader = new KinesisReader(server.Address))
            await reader.CreateStreamAsync("down");
        await publisher.PublishAsync([Numbered(0)], CancellationToken.None);
        await server.DisposeAsync();

        PublishException exception = await FailsAsync(publisher, [Numbered(1)]);

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("cannot be reached", exception.Message, StringComparison.Ordinal);
    }

    private static KinesisPublisher Create(Uri address, string stream, Action<KinesisOptions>? set = null)
    {
        var options = new KinesisOptions { Enabled = true, StreamName = stream, Region = "us-east-1", ServiceUrl = address.ToString() };
        set?.Invoke(options);
        return new KinesisPublisher(options, TimeProvider.System, AwsTestServers.Credentials);
    }

    private KinesisPublisher Create(string server, string stream, Action<KinesisOptions>? set = null) => Create(servers[server].Address, stream, set);

    private async Task<KinesisReader> StreamAsync(string server, string name, int shards = 1)
    {
        var reader = new KinesisReader(servers[server].Address);
        await reader.CreateStreamAsync(name, shards);
        return reader;
    }

    private static Task<PublishException> FailsAsync(KinesisPublisher publisher, Report[] reports) =>
        Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync(reports, CancellationToken.None).AsTask());

    private static Report Numbered(int number) =>
        TestReports.WithJpeg(null) with { Payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)) };

    private static Report Sized(int seed, int length)
    {
        byte[] payload = new byte[length];
        new Random(seed).NextBytes(payload);
        return Numbered(0) with { Payload = payload };
    }

    private static string Text(KinesisRecord record) => Encoding.UTF8.GetString(record.Data);

    private static int Records(StubRequest request) => JsonNode.Parse(request.Body)!["Records"]!.AsArray().Count;

    private static string FirstRecord(StubRequest request) => JsonNode.Parse(request.Body)!["Records"]![0]!["Data"]!.GetValue<string>();

    private static string Answer(int records, int failed, string code = "") => JsonSerializer.Serialize(new
    {
        FailedRecordCount = failed < 0 ? 0 : 1,
        Records = Enumerable.Range(0, records).Select(i => i == failed
            ? (object)new { ErrorCode = code, ErrorMessage = "Rate exceeded." }
            : new { SequenceNumber = $"{i}", ShardId = "shardId-000000000000" }),
    });
}
