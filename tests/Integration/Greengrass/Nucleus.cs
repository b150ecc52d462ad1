using System.Text.Json;
using EdgeInference.Integration.Tests.Durability;
using EdgeInference.Integration.Tests.Packaging;
using EdgeInference.Integration.Tests.Systemd;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>
/// A box with a real nucleus Lite, which runs the component as it was published. Its cloud is a broker with TLS and client certificates.
/// The component delivers its reports to a second broker too, without the nucleus: that one tells what was committed.
/// </summary>
internal sealed class Nucleus : IAsyncDisposable
{
    public const string Unit = "ggl.EdgeInference.service";

    private const string Work = "/var/lib/greengrass/work/EdgeInference";

    /// <summary>The nucleus knows no other.</summary>
    private const int CloudPort = 8883;

    private readonly TestCertificates _certificates = new();

    private Nucleus()
    {
    }

    public Container Container { get; private set; } = null!;

    public MosquittoBroker Cloud { get; private set; } = null!;

    private MosquittoBroker Direct { get; set; } = null!;

    private MqttSubscriber OfCloud { get; set; } = null!;

    private MqttSubscriber OfDirect { get; set; } = null!;

    private string Version { get; set; } = "";

    public static async Task<Nucleus> StartAsync(string path, Package package)
    {
        var nucleus = new Nucleus();
        try
        {
            await nucleus.StartBrokersAsync();
            using var stage = new TemporaryFolder();
            await nucleus.StageAsync(stage.Path, package);
            nucleus.Container = await Container.BootAsync("sh", "-c", "cp -a \"$1\" \"$3/root/nucleus\" && cp -a \"$2\" \"$3/root/component\"", "sh", path, stage.Path);
            await nucleus.InstallAsync();
            return nucleus;
        }
        catch
        {
            await nucleus.DisposeAsync();
            throw;
        }
    }

    /// <summary>What was committed, as far as the second broker has it: ids and messages.</summary>
    public (HashSet<string> Reports, List<string> Messages) Committed() => (
        [.. OfDirect.Messages.Where(IsReport).Select(static message => message.Properties["id"])],
        [.. OfDirect.Messages.Where(static message => !IsReport(message)).DistinctBy(static message => message.Properties["id"]).Select(static message => message.Payload)]);

    /// <summary>What has come through the nucleus, repeats included.</summary>
    public (List<string> Reports, List<string> Messages) Arrived()
    {
        ReceivedMessage[] ours = [.. OfCloud.Messages.Where(static message => message.Topic.StartsWith("openvino/", StringComparison.Ordinal))];
        return ([.. ours.Where(IsReport).Select(IdOf)], [.. ours.Where(static message => !IsReport(message)).Select(static message => message.Payload)]);
    }

    /// <summary>Waits until this many reports more have come through the nucleus.</summary>
    public async Task WaitForReportsAsync(int more)
    {
        int before = Arrived().Reports.Distinct().Count();
        await Container.WaitAsync("reports come through the nucleus", () => Task.FromResult(Arrived().Reports.Distinct().Count() >= before + more));
    }

    /// <summary>Waits until hardly a report is on its way.</summary>
    public Task CatchUpAsync() => Container.WaitAsync("all reports have come through the nucleus", () => Task.FromResult(Committed().Reports.Except(Arrived().Reports).Count() < 20));

    /// <summary>What waits in the outbox.</summary>
    public OutboxSnapshot ReadOutbox() => OutboxSnapshot.Take(Container.PathOf($"{Work}/outbox.db"));

    /// <summary>What the component has said of late.</summary>
    public Task<string> ReadJournalAsync() => Container.DoAsync($"journalctl --no-pager --output=short-precise --lines=60 -u {Unit} -u ggl.core.ggipcd -u ggl.core.iotcored --grep='^(?!D\\[)'");

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in (IAsyncDisposable?[])[Container, OfCloud, OfDirect, Cloud, Direct])
        {
            if (part is not null)
                await part.DisposeAsync();
        }

        _certificates.Dispose();
    }

    private static bool IsReport(ReceivedMessage message) => message.Payload.StartsWith('{');

    private static string IdOf(ReceivedMessage message)
    {
        using JsonDocument report = JsonDocument.Parse(message.Payload);
        return report.RootElement.GetProperty("id").GetString()!;
    }

    private async Task StartBrokersAsync()
    {
        // The nucleus shows its certificate without that of the authority in between.
        string clientCas = _certificates.Write("clients.pem", await File.ReadAllTextAsync(_certificates.CaFile) + "\n" + await File.ReadAllTextAsync(_certificates.Client().Certificate));
        Cloud = await MosquittoBroker.RunAsync(new MosquittoSettings { Port = CloudPort, Tls = _certificates.Server(), ClientCaFile = clientCas, IsVerbose = false });
        Direct = await MosquittoBroker.RunAsync(new MosquittoSettings { IsVerbose = false });
        OfCloud = await MqttSubscriber.RunAsync(Cloud.SubscriberPort);
        OfDirect = await MqttSubscriber.RunAsync(Direct.SubscriberPort);
    }

    /// <summary>The component as it was published, but for its configuration, and unpacked: in a local deployment, Lite does not do that.</summary>
    private async Task StageAsync(string folder, Package package)
    {
        string recipe = package.RecipeFile;
        string configuration = JsonSerializer.Serialize(new
        {
            EdgeInference = new
            {
                Mqtt = new { Host = "127.0.0.1", Direct.Port, Tls = false },
                Streams = new object[]
                {
                    new
                    {
                        Name = "line1",
                        Source = new { Input = "models/demo/conveyor.mp4", Loop = true, RealTime = true },
                        Model = new { Path = "models/parts-detector/parts-detector.xml" },
                        ReportingInterval = "100ms",
                        IncludeId = true,
                        Publishers = new { Log = new { Enabled = false }, Mqtt = new { Enabled = true } },
                    },
                },
            },
        });
        string text = (await File.ReadAllTextAsync(recipe)).Replace("Configuration: {}", $"Configuration: {configuration}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "recipes")).FullName, Path.GetFileName(recipe)), text);
        Recipe read = Recipe.Read(recipe);
        string artifacts = Directory.CreateDirectory(Path.Combine(folder, "artifacts", read.Name, read.Version)).FullName;
        ServiceRun copied = await package.RunAsync([], "cp", "-a", package.Folder, Path.Combine(artifacts, "edge-inference"));
        Assert.True(copied.ExitCode == 0, copied.Log);
        Version = read.Version;
    }

    private async Task InstallAsync()
    {
        CertificateFiles device = _certificates.Client();
        await Container.DoAsync("mkdir -p /etc/greengrass && chmod -R a+rX /root/component");
        foreach ((string name, string file) in new[] { ("ca.pem", _certificates.CaFile), ("device.pem", device.Certificate), ("device.key", device.Key) })
            await File.WriteAllTextAsync(Container.PathOf($"/etc/greengrass/{name}"), await File.ReadAllTextAsync(file));
        await Container.DoAsync("sh -s", await File.ReadAllTextAsync(TestData.InRepository("tests/Integration/Greengrass/install-nucleus.sh")));
        await Container.DoAsync($"ggl-cli deploy --recipe-dir /root/component/recipes --artifacts-dir /root/component/artifacts --add-component EdgeInference={Version}");

        // Without the cloud a deployment waits for it for half a minute, more than once.
        await WaitForReportsAsync(25);
    }
}
