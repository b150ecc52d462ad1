using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>Kinesis and S3 for several services, each with a stream and a bucket of its own.</summary>
internal sealed class Cloud(AwsTestServer kinesis, AwsTestServer s3) : IAsyncDisposable
{
    private readonly KinesisReader _kinesisReader = new(kinesis.Address);

    private readonly AmazonS3Client _s3Client = new(
        new BasicAWSCredentials(AwsTestServer.AccessKey, AwsTestServer.SecretKey), new AmazonS3Config { ServiceURL = s3.Url, ForcePathStyle = true });

    public int KinesisPort => kinesis.Address.Port;

    public int S3Port => s3.Address.Port;

    public static async Task<Cloud> StartAsync()
    {
        AwsTestServer kinesis = await KinesaliteServer.StartAsync();
        return new Cloud(kinesis, await S3rverServer.StartAsync());
    }

    /// <summary>Makes the stream and the bucket of this name.</summary>
    public async Task CreateAsync(string name)
    {
        await _kinesisReader.CreateStreamAsync(name);
        await _s3Client.PutBucketAsync(name);
    }

    /// <summary>The ids of the reports in a stream, each at its first arrival.</summary>
    public async Task<string[]> RecordsAsync(string name) =>
    [
        .. (await _kinesisReader.ReadAsync(name)).Select(static record => JsonDocument.Parse(record.Data).RootElement.GetProperty("id").GetString()!).Distinct(),
    ];

    /// <summary>The ids of the pictures in a bucket, whose keys are made of them.</summary>
    public async Task<string[]> PicturesAsync(string name)
    {
        var keys = new List<string>();
        var request = new ListObjectsV2Request { BucketName = name };
        ListObjectsV2Response page;
        do
        {
            page = await _s3Client.ListObjectsV2Async(request);
            keys.AddRange((page.S3Objects ?? []).Select(static picture => System.IO.Path.GetFileNameWithoutExtension(picture.Key)));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return [.. keys.Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        _kinesisReader.Dispose();
        _s3Client.Dispose();
        await kinesis.DisposeAsync();
        await s3.DisposeAsync();
    }
}

/// <summary>
/// A service on a video in real time that sends each report to a broker (over TLS, with a client certificate), to Kinesis,
/// to S3 and to a web server, each behind a network that can fail.
/// </summary>
internal sealed class LiveService : IAsyncDisposable
{
    public const string AllowAll = "topic readwrite #";
    public const string DenyReports = "topic readwrite other/#";

    private readonly string _name;
    private readonly Cloud _cloud;
    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates = new();
    private readonly ConcurrentQueue<string> _posts = new();
    private readonly CertificateFiles _server;
    private readonly StubHttpServer _web;
    private readonly TcpProxy[] _networks;
    private MosquittoBroker? _broker;
    private MqttSubscriber? _subscriber;
    private RunningService? _service;
    private int _answers;

    private LiveService(string name, Cloud cloud)
    {
        _name = name;
        _cloud = cloud;
        _server = _certificates.Server();
        _web = new StubHttpServer(request =>
        {
            if (WebStatus is [_, ..] statuses)
                return StubAnswer.Json("{}", statuses[_answers++ % statuses.Length]);
            _posts.Enqueue(request.Headers["X-Report-Id"]);
            return StubAnswer.Json("{}");
        });
        _networks = [TcpProxy.Run(cloud.KinesisPort), TcpProxy.Run(cloud.S3Port), TcpProxy.Run(new Uri(_web.Url).Port)];
    }

    /// <summary>What the web server answers in turn; none: it takes reports.</summary>
    public int[] WebStatus { get; set; } = [];

    public RunningService Service => _service!;

    public string Name => _name;

    public ReportReader Reports { get; private set; } = null!;

    private TcpProxy[] Networks { get; set; } = [];

    /// <param name="name">Of the stream.</param>
    /// <param name="cloud">Where it publishes to, beside a broker and a web server of its own.</param>
    /// <param name="control">The service that its frames are compared with.</param>
    /// <param name="acl">What the broker allows.</param>
    /// <param name="isUp">Whether the networks work at the start.</param>
    public static async Task<LiveService> StartAsync(string name, Cloud cloud, ReportReader control, string acl, bool isUp)
    {
        var live = new LiveService(name, cloud);
        try
        {
            await live.StartAsync(control, acl, isUp);
            return live;
        }
        catch
        {
            await live.DisposeAsync();
            throw;
        }
    }

    public void Close() => Array.ForEach(Networks, static network => network.Close());

    public void Open() => Array.ForEach(Networks, static network => network.Open());

    /// <summary>Connections are accepted, and nothing is answered.</summary>
    public void Stall(bool isStalled) => Array.ForEach(Networks, network =>
    {
        network.StallNew = isStalled;
        network.Cut();
    });

    public Task AllowAsync(string acl) => _broker!.ReconfigureAsync(SettingsOf(acl));

    /// <summary>Warnings and errors of the connection to the broker.</summary>
    public string[] ConnectionProblems => Problems("MQTT: ");

    /// <summary>Warnings and errors about one publisher.</summary>
    public string[] ProblemsOf(string publisher) => Problems($"{_name}: {publisher} cannot deliver: ");

    public int RecoveriesOf(string publisher) => Service.LogLines.Count(line => line.Contains($"{_name}: {publisher} delivers again after ", StringComparison.Ordinal));

    /// <summary>Waits until every receiver has caught up, but for the reports of the last seconds.</summary>
    public async Task WaitForAllAsync()
    {
        const int LastReports = 10;
        await WaitUntilAsync(
            async () =>
            {
                string[] ids = Reports.Ids[..^LastReports];

                // Asked for seldom: listing a bucket costs its server more than taking a picture.
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
                return Array.TrueForAll(await ArrivedAsync(), arrived => ids.All(arrived.Ids.ToHashSet().Contains));
            },
            async () => string.Join(", ", (await ArrivedAsync()).Select(static arrived => $"{arrived.Where} has {arrived.Ids.Length}")));
    }

    public Task WaitUntilAsync(Func<bool> isTrue) => WaitUntilAsync(() => Task.FromResult(isTrue()), () => Task.FromResult("a state"));

    /// <summary>Stops the service; every report has then arrived everywhere, in order, without gaps, under its id.</summary>
    public async Task StopAsync()
    {
        Service.Send(RunningService.Terminate);
        Assert.Equal(0, await Service.WaitForExitAsync());
        await Reports.EndAsync();
        string[] ids = Reports.Ids;
        foreach ((string where, string[] arrived) in await ArrivedAsync())
            Assert.True(ids.SequenceEqual(arrived), $"{_name}: {where}: {arrived.Length} of {ids.Length}, or in another order\n{Service.Log}");
        Assert.Matches($"{_name}: [0-9]+ frames, [0-9]+ inferred, 0 dropped, 0 corrupt", Service.Log);
        foreach (string publisher in (string[])["Mqtt", "Kinesis", "S3", "Webhook"])
            Assert.Matches($"{_name}: {publisher}: {ids.Length} delivered to .*, 0 not yet; 0 set aside, 0 evicted", Service.Log);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
        if (_subscriber is not null)
            await _subscriber.DisposeAsync();
        foreach (TcpProxy network in Networks.Length > 0 ? Networks : _networks)
            await network.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        await _web.DisposeAsync();
        _certificates.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync(ReportReader control, string acl, bool isUp)
    {
        _broker = await MosquittoBroker.RunAsync(SettingsOf(acl));
        _subscriber = await MqttSubscriber.RunAsync(_broker.SubscriberPort);
        TcpProxy mqtt = TcpProxy.Run(_broker.Port);
        Networks = [mqtt, .. _networks];
        if (!isUp)
            Close();
        CertificateFiles client = _certificates.Client();
        Dictionary<string, object> stream = Settings.LiveStream(interval: "200ms", publishers: new
        {
            StandardOutput = new { Enabled = true },
            Log = new { Enabled = false },
            Kinesis = new { Enabled = true, StreamName = _name, ServiceUrl = UrlOf(_networks[0]) },
            S3 = new { Enabled = true, Bucket = _name, Key = "{id}.jpg", ServiceUrl = UrlOf(_networks[1]) },
            Webhook = new { Enabled = true, Url = UrlOf(_networks[2]) + "/reports" },
        });
        stream["Name"] = _name;
        string settings = await Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "127.0.0.1", mqtt.Port, Tls = true, CaFile = _certificates.CaFile, CertificateFile = client.Certificate, KeyFile = client.Key },
            Outbox = new { Directory = _folder.File("outbox") },
            Streams = new[] { stream },
        });
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = AwsTestServer.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = AwsTestServer.SecretKey,
            ["AWS_REGION"] = "us-east-1",
        };
        _service = RunningService.Start(environment, "run", "--config", settings);
        Reports = new ReportReader(_service, control);
        await Reports.NextAsync();
    }

    private static string UrlOf(TcpProxy network) => $"http://127.0.0.1:{network.Port}";

    private MosquittoSettings SettingsOf(string acl) => new() { Tls = _server, ClientCaFile = _certificates.CaFile, Acl = acl };

    private string[] Problems(string text) => [.. Service.LogLines.Where(line =>
        line.Contains(text, StringComparison.Ordinal) && (line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal)))];

    private async Task<(string Where, string[] Ids)[]> ArrivedAsync() =>
    [
        ("MQTT", [.. _subscriber!.Messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => message.Properties["id"]).Distinct()]),
        ("Kinesis", await _cloud.RecordsAsync(_name)),
        ("S3", await _cloud.PicturesAsync(_name)),
        ("web server", [.. _posts.Distinct()]),
    ];

    private async Task WaitUntilAsync(Func<Task<bool>> isTrue, Func<Task<string>> describe)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await isTrue())
        {
            if (hang.IsCancellationRequested)
                Assert.Fail($"{_name}: {await describe()} after three minutes:\n{Service.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
        }
    }
}
