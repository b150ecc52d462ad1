using System.Globalization;
using System.Text.RegularExpressions;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;
using Microsoft.Data.Sqlite;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>More waits than the outbox may hold: the oldest go, are counted, and the loss is told on the topic.</summary>
public sealed partial class QuotaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_LimitIsReached_CountsWhatIsEvictedAndTellsTheTopic()
    {
        int status = 503;
        await using MosquittoBroker broker = MosquittoBroker.Create();
        await using var web = new StubHttpServer(_ => StubAnswer.Json("{}", Volatile.Read(ref status)));
        string outbox = _folder.File("outbox");
        string settings = await Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "127.0.0.1", broker.Port },
            Outbox = new { Directory = outbox, LimitMegabytes = 1 },
            Streams = new[]
            {
                Settings.LiveStream(interval: "50ms", publishers: new
                {
                    StandardOutput = new { Enabled = true },
                    Log = new { Enabled = false },
                    Webhook = new { Enabled = true, Url = web.Url },
                    LocalJpeg = new { Enabled = true, Directory = _folder.File("pictures"), FileName = "{id}.jpg" },
                }),
            },
        });
        await using RunningService service = RunningService.Start("run", "--config", settings);
        var reports = new ReportReader(service);
        string notice = await service.WaitForLogAsync("Outbox: oldest reports were evicted before they were delivered (Mqtt ");
        ServiceRun stats = await ServiceProcess.RunAsync("outbox", "stats", "--directory", outbox);
        Assert.True(EvictedOf("Mqtt", stats) > 0 && EvictedOf("Webhook", stats) > 0, stats.Output);
        Assert.Equal(0, EvictedOf("LocalJpeg", stats));
        (string[] waiting, long evicted) = ReadWaiting(outbox);

        await broker.StartAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        Volatile.Write(ref status, 200);
        await subscriber.WaitAsync(static messages => messages.Any(static message => message.Payload.StartsWith("Outbox: ", StringComparison.Ordinal)));
        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
        await reports.EndAsync();

        ReceivedMessage told = Assert.Single(subscriber.Messages, static message => message.Payload.StartsWith("Outbox: ", StringComparison.Ordinal));
        Assert.EndsWith(told.Payload, notice, StringComparison.Ordinal);
        Assert.Matches(@"^Outbox: oldest reports were evicted before they were delivered \(Mqtt \d+, Webhook \d+\), because the limit of 1 MB is reached$", told.Payload);
        Assert.Equal("openvino/classification", told.Topic);
        Assert.True(told.IsText);

        // Each report has arrived or is counted, for each publisher by itself; it was the oldest that went. One that is on its way when it is
        // evicted, as while a broker that is back is still behind, has arrived: between it and the next there may be some that are lost.
        stats = await ServiceProcess.RunAsync("outbox", "stats", "--directory", outbox);
        string[] ids = reports.Ids;
        string[] received = [.. subscriber.Messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => message.Properties["id"]).Distinct()];
        Assert.Equal(ids.AsSpan((int)evicted, waiting.Length).ToArray(), waiting);
        Assert.Equal(ids.Where(received.Contains), received);
        Assert.Equal(ids[^1], received[^1]);
        Assert.Equal(ids.Length, DeliveredOf("Webhook", stats) + EvictedOf("Webhook", stats));
        Assert.Equal(ids.Length, DeliveredOf("LocalJpeg", stats));
        Assert.Equal(ids.Length, received.Length + EvictedOf("Mqtt", stats));
    }

    /// <summary>The results that are in the outbox, and how many Mqtt has lost until then: read as one, while the service goes on.</summary>
    private static (string[] Ids, long Evicted) ReadWaiting(string outbox)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(outbox, "outbox.db"), Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id, (SELECT evicted FROM cursors WHERE publisher = 'Mqtt') FROM reports WHERE kind = 0 ORDER BY seq";
        using SqliteDataReader rows = command.ExecuteReader();
        var ids = new List<string>();
        long evicted = 0;
        while (rows.Read())
        {
            ids.Add(new Guid(rows.GetFieldValue<byte[]>(0), bigEndian: true).ToString());
            evicted = rows.GetInt64(1);
        }

        return ([.. ids], evicted);
    }

    private static int EvictedOf(string publisher, ServiceRun stats) => Number(publisher, "evicted", stats);

    private static int DeliveredOf(string publisher, ServiceRun stats) => Number(publisher, "delivered", stats);

    private static int Number(string publisher, string column, ServiceRun stats) => int.Parse(
        Assert.Single(stats.OutputLines.Select(static line => Row().Match(line)), row => row.Groups["publisher"].Value == publisher).Groups[column].Value,
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^stream1 +(?<publisher>\w+) +\d+ +\S+ +(?<delivered>\d+) +\d+ +(?<evicted>\d+) *$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
