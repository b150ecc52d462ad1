using System.Reflection;
using System.Text.RegularExpressions;
using EdgeInference.Publishing;
using EdgeInference.Service.Options;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>A broker that cannot be trusted, or does not trust us, gets nothing; once that is mended it gets everything.</summary>
public sealed partial class CertificateTests : IDisposable
{
    private const string Connected = "MQTT: connected to ";

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("expired", "its certificate has expired on ")]
    [InlineData("other host", "its certificate is not for the host name localhost but for broker.example")]
    [InlineData("other authority", "its certificate is signed by an unknown authority")]
    [InlineData("no client certificate", "it requires a client certificate")]
    [InlineData("wrong client certificate", "it refuses the client certificate")]
    public async Task Run_TlsFails_SaysWhyOnceAndDeliversWhenItIsMended(string fault, string reason)
    {
        // What the service is told to use; the test mends it by replacing the files.
        string caFile = _folder.File("ca.pem");
        File.Copy(fault == "other authority" ? _certificates.OtherCaFile : _certificates.CaFile, caFile);
        var presented = new CertificateFiles(_folder.File("broker.pem"), _folder.File("broker.key"));
        Install(
            fault switch
            {
                "expired" => _certificates.ExpiredServer(),
                "other host" => _certificates.ServerOf("broker.example"),
                _ => _certificates.Server(),
            },
            presented);
        CertificateFiles? client = fault == "wrong client certificate" ? new CertificateFiles(_folder.File("client.pem"), _folder.File("client.key")) : null;
        if (client is not null)
            Install(_certificates.SelfSignedServer(), client);
        bool isClientAsked = fault.EndsWith("client certificate", StringComparison.Ordinal);
        var broken = new MosquittoSettings { Tls = presented, ClientCaFile = isClientAsked ? _certificates.CaFile : null };
        await using MosquittoBroker broker = await MosquittoBroker.RunAsync(broken);
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        await using RunningService service = RunningService.Start("run", "--config", await WriteAsync(broker, caFile, client));
        var reports = new ReportReader(service);

        // Other publishers and the other stream go on all the while, and it is tried again and again.
        await WaitAsync(service, () => service.Log.Contains("MQTT: no connection to broker ", StringComparison.Ordinal));
        await WaitAsync(service, () => broker.Output.Split("New connection from 127.0.0.1:").Length > 4 && reports.Ids.Length > 20 && PicturesOf("other").Length > 5);
        string problem = Assert.Single(service.LogLines, static line => !line.Contains(" INF ", StringComparison.Ordinal));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Empty(subscriber.Messages);

        Install(_certificates.Server(), presented);
        File.Copy(_certificates.CaFile, caFile, overwrite: true);
        await broker.StopAsync();
        if (client is not null)
            Install(_certificates.Client(), client);
        else
            await broker.ReconfigureAsync(new MosquittoSettings { Tls = presented });
        await broker.StartAsync();
        await WaitAsync(service, () => service.Log.Contains(Connected, StringComparison.Ordinal));
        service.Send(RunningService.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync());
        await reports.EndAsync();
        await subscriber.WaitAsync(messages => IdsOf(messages).Length >= reports.Ids.Length);
        Assert.Equal(reports.Ids, IdsOf(subscriber.Messages));
        Assert.True(service.LogLines.Count(static line => !line.Contains(" INF ", StringComparison.Ordinal)) <= 2, service.Log);
    }

    /// <summary>There is no option, and no word in the manual, by which a certificate is not checked.</summary>
    [Fact]
    public async Task Options_All_NoneTurnsTheCheckOfCertificatesOff()
    {
        var names = new List<string>();
        Collect(typeof(EdgeInferenceOptions), names);
        Collect(typeof(StreamOptions), names);
        foreach (PublisherRegistration publisher in BuiltInPublishers.All)
            Collect(publisher.OptionsType, names);

        Assert.Contains("CaFile", names);
        Assert.Contains("ServiceUrl", names);
        Assert.DoesNotContain(names, static name => Unchecked().IsMatch(name));
        Assert.DoesNotMatch(Unchecked(), await File.ReadAllTextAsync(TestData.InRepository("docs/options.md")));
    }

    private static void Collect(Type type, List<string> names)
    {
        foreach (PropertyInfo property in type.GetProperties())
        {
            names.Add(property.Name);
            if (property.PropertyType.IsClass && property.PropertyType.Namespace!.StartsWith("EdgeInference", StringComparison.Ordinal))
                Collect(property.PropertyType, names);
        }
    }

    private static void Install(CertificateFiles from, CertificateFiles to)
    {
        File.Copy(from.Certificate, to.Certificate, overwrite: true);
        File.Copy(from.Key, to.Key, overwrite: true);
    }

    private Task<string> WriteAsync(MosquittoBroker broker, string caFile, CertificateFiles? client)
    {
        object jpeg = new { Enabled = true, Directory = _folder.File("pictures") };
        Dictionary<string, object> first = Settings.LiveStream(new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false }, LocalJpeg = jpeg });
        Dictionary<string, object> other = Settings.LiveStream(new { Log = new { Enabled = false }, Mqtt = new { Enabled = false }, LocalJpeg = jpeg });
        other["Name"] = "other";
        return Settings.WriteAsync(_folder, new
        {
            Mqtt = new { Host = "localhost", broker.Port, Tls = true, CaFile = caFile, CertificateFile = client?.Certificate, KeyFile = client?.Key },
            Outbox = new { Directory = _folder.File("outbox") },
            Streams = new[] { first, other },
        });
    }

    private string[] PicturesOf(string stream) => Directory.Exists(_folder.File($"pictures/{stream}"))
        ? Directory.GetFiles(_folder.File($"pictures/{stream}"), "*.jpg", SearchOption.AllDirectories)
        : [];

    private static string[] IdsOf(IReadOnlyList<ReceivedMessage> messages) =>
        [.. messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => message.Properties["id"]).Distinct()];

    private static async Task WaitAsync(RunningService service, Func<bool> isTrue)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isTrue())
        {
            Assert.False(hang.IsCancellationRequested, service.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    [GeneratedRegex("insecure|skip.?verif|verify|no.?check|allow.?(untrusted|invalid|self)|accept.?(any|all)|trust.?(any|all)|(ignore|disable).{0,20}(cert|tls)|revocation|validat(e|ion)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Unchecked();
}
