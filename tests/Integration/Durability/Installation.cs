using System.Collections.Concurrent;
using System.Text.Json;
using EdgeInference.TestServers;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>
/// A service with two streams, its outbox, and a real server for each publisher that goes through it. The service comes
/// and goes; outbox, pictures and servers stay.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    public const string Bucket = "pictures";

    /// <summary>The two streams' names.</summary>
    public static readonly string[] Streams = ["conveyor", "inspection"];

    /// <summary>All publishers that deliver from the outbox.</summary>
    public static readonly string[] Publishers = ["Mqtt", "Kinesis", "S3", "LocalJpeg", "Webhook"];

    private const string KinesisStream = "reports";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal)
    {
        ["AWS_ACCESS_KEY_ID"] = AwsTestServer.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = AwsTestServer.SecretKey,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };

    private readonly MosquittoBroker _broker = MosquittoBroker.Create();
    private readonly StubHttpServer _web;
    private AwsTestServer? _kinesis;
    private AwsTestServer? _s3;
    private KinesisReader? _reader;
    private Action? _onPost;

    private Installation() => _web = new StubHttpServer(Answer);

    public MqttSubscriber Subscriber { get; private set; } = null!;

    public TrapProxy MqttProxy { get; private set; } = null!;

    public TrapProxy KinesisProxy { get; private set; } = null!;

    public TrapProxy S3Proxy { get; private set; } = null!;

    public string OutboxPath => _folder.File("outbox/outbox.db");

    public string Pictures => _folder.File("pictures");

    public Uri S3Address => _s3!.Address;

    /// <summary>What was posted, in the order of arrival.</summary>
    public ConcurrentQueue<StubRequest> Posts => _web.Requests;

    public static async Task<Installation> StartAsync()
    {
        var installation = new Installation();
        try
        {
            await installation.StartServersAsync();
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the service on videos without end.</summary>
    /// <param name="tool">What to start it under; nothing where it is empty.</param>
    public async Task<RunningService> StartServiceAsync(params string[] tool) =>
        RunningService.Of(ServiceProcess.StartUnder(tool, _environment, "run", "--config", await ConfigureAsync(isLast: false)));

    /// <summary>Runs the service on videos that end, with hardly a report of its own.</summary>
    public async Task<ServiceRun> RunToEndAsync() =>
        await ServiceProcess.RunAsync(_environment, "run", "--config", await ConfigureAsync(isLast: true));

    public string InFolder(string name) => _folder.File(name);

    /// <summary>At the next post: it is taken, <paramref name="strike"/> runs, and no answer is given.</summary>
    public Task ArmWeb(Action strike)
    {
        var struck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _onPost, () =>
        {
            strike();
            struck.SetResult();
        });
        return struck.Task;
    }

    public void Disarm()
    {
        MqttProxy.Disarm();
        KinesisProxy.Disarm();
        S3Proxy.Disarm();
        Volatile.Write(ref _onPost, null);
    }

    public Task<IReadOnlyList<KinesisRecord>> ReadKinesisAsync() => _reader!.ReadAsync(KinesisStream);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in (IAsyncDisposable?[])[MqttProxy, KinesisProxy, S3Proxy, Subscriber, _web, _kinesis, _s3, _broker])
        {
            if (part is not null)
                await part.DisposeAsync();
        }

        _reader?.Dispose();
        _folder.Dispose();
    }

    private async Task StartServersAsync()
    {
        await _broker.StartAsync();
        Subscriber = await MqttSubscriber.RunAsync(_broker.SubscriberPort);
        _kinesis = await KinesaliteServer.StartAsync();
        _s3 = await S3rverServer.StartAsync(Bucket);
        _reader = new KinesisReader(_kinesis.Address);
        await _reader.CreateStreamAsync(KinesisStream);
        MqttProxy = TrapProxy.Run(_broker.Port, static () => new MqttWire());
        KinesisProxy = TrapProxy.Run(_kinesis.Address.Port, static () => new HttpWire());
        S3Proxy = TrapProxy.Run(_s3.Address.Port, static () => new HttpWire());
    }

    private StubAnswer? Answer(StubRequest request)
    {
        if (Interlocked.Exchange(ref _onPost, null) is not { } strike)
            return StubAnswer.Json("{}");
        strike();
        return null;
    }

    private async Task<string> ConfigureAsync(bool isLast)
    {
        (string Model, string Video)[] sources = [(DemoFiles.Detector, DemoFiles.Conveyor), (DemoFiles.Classifier, DemoFiles.Inspection)];
        var settings = new
        {
            EdgeInference = new
            {
                Outbox = new { Directory = Path.GetDirectoryName(OutboxPath) },
                Mqtt = new { Host = "127.0.0.1", MqttProxy.Port, ClientId = "durability" },
                Streams = Streams.Zip(sources, (name, source) => new
                {
                    Name = name,
                    Source = new { Input = source.Video, Loop = !isLast, RealTime = !isLast },
                    Model = new { Path = source.Model },
                    IncludeId = true,
                    ReportingInterval = isLast ? "1h" : "20ms",
                    Publishers = new
                    {
                        Log = new { Enabled = false },
                        Mqtt = new { Enabled = true },
                        Kinesis = new { Enabled = true, StreamName = KinesisStream, ServiceUrl = $"http://127.0.0.1:{KinesisProxy.Port}" },
                        S3 = new { Enabled = true, Bucket, Key = "{stream}/{id}.jpg", ServiceUrl = $"http://127.0.0.1:{S3Proxy.Port}" },
                        LocalJpeg = new { Enabled = true, Directory = Pictures, FileName = "{stream}/{id}.jpg", LimitMegabytes = 100_000 },
                        Webhook = new { Enabled = true, _web.Url },
                    },
                }),
            },
        };
        string path = _folder.File(isLast ? "last.json" : "settings.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(settings));
        return path;
    }
}
