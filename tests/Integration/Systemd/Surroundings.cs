using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>What is around a box: a camera behind a network that can be cut, and a broker that wants a certificate and a password.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    public const string Password = "canary-7f3a9c51d2";

    private const string User = "box";

    private readonly TestCertificates _certificates = new();
    private readonly Camera _camera = Camera.Run(DemoFiles.Inspection);

    private Surroundings()
    {
        Network = TcpProxy.Run(_camera.Port);
        Device = _certificates.Client();
    }

    public TcpProxy Network { get; }

    public CertificateFiles Device { get; }

    public string CaFile => _certificates.CaFile;

    public MosquittoBroker Broker { get; private set; } = null!;

    public MqttSubscriber Subscriber { get; private set; } = null!;

    public static async Task<Surroundings> StartAsync()
    {
        var surroundings = new Surroundings();
        surroundings.Broker = await MosquittoBroker.RunAsync(new MosquittoSettings
        {
            Tls = surroundings._certificates.Server(),
            ClientCaFile = surroundings.CaFile,
            User = (User, Password),
        });
        surroundings.Subscriber = await MqttSubscriber.RunAsync(surroundings.Broker.SubscriberPort);
        return surroundings;
    }

    /// <summary>A configuration with two streams, the demo's video and the camera; its secrets are credentials.</summary>
    /// <param name="folder">Where video and model of the first stream are.</param>
    /// <param name="threshold">The first stream's threshold, which need not be a number.</param>
    /// <param name="name">The first stream's name.</param>
    public object Configure(string folder, string threshold = "0.5", string name = "line1") => new
    {
        Mqtt = new
        {
            Host = "127.0.0.1",
            Broker.Port,
            Tls = true,
            CaFile = "ca.pem",
            CertificateFile = "device.pem",
            KeyFile = "device.key",
            Username = User,
        },
        Streams = new object[]
        {
            new
            {
                Name = name,
                Source = new { Input = $"{folder}/conveyor.mp4", Loop = true, RealTime = true },
                Model = new { Path = $"{folder}/parts-detector.xml" },
                Detection = new { Threshold = threshold },
                ReportingInterval = "200ms",
                Publishers = new { Log = new { Enabled = false } },
            },
            new
            {
                Name = "camera",
                Source = new { Input = $"http://127.0.0.1:{Network.Port}/live.ts" },
                Model = new { Path = "/usr/share/edge-inference/models/parts-classifier/parts-classifier.xml" },
                ReportingInterval = "200ms",
                Publishers = new { Log = new { Enabled = false } },
            },
        },
    };

    /// <summary>How many reports of a stream have arrived.</summary>
    public int ReportsOf(string stream) => Subscriber.Messages.Count(message => message.Properties.GetValueOrDefault("stream") == stream);

    /// <summary>The ids of all reports that have arrived.</summary>
    public HashSet<string> Ids() =>
        [.. Subscriber.Messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => message.Properties["id"])];

    public async ValueTask DisposeAsync()
    {
        await Subscriber.DisposeAsync();
        await Broker.DisposeAsync();
        await Network.DisposeAsync();
        await _camera.DisposeAsync();
        _certificates.Dispose();
    }
}
