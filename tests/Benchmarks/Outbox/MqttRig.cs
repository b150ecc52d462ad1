using EdgeInference.Publishing;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>A mosquitto on this machine with TLS and client certificates, and the service's connection to it.</summary>
internal sealed class MqttRig : IAsyncDisposable
{
    private readonly TestCertificates _certificates;
    private readonly MosquittoBroker _broker;
    private readonly MqttConnection _connection;

    private MqttRig(TestCertificates certificates, MosquittoBroker broker)
    {
        _certificates = certificates;
        _broker = broker;
        CertificateFiles client = certificates.Client();
        var options = new MqttOptions
        {
            Host = "localhost",
            Port = broker.Port,
            Tls = true,
            CaFile = certificates.CaFile,
            CertificateFile = client.Certificate,
            KeyFile = client.Key,
        };
        _connection = new MqttConnection(options, TimeProvider.System, NullLogger<MqttConnection>.Instance);
    }

    public static async Task<MqttRig> RunAsync()
    {
        var certificates = new TestCertificates();
        MosquittoBroker broker = await MosquittoBroker.RunAsync(
            new MosquittoSettings { Tls = certificates.Server(), ClientCaFile = certificates.CaFile, IsVerbose = false });
        var rig = new MqttRig(certificates, broker);
        await rig._connection.StartAsync(CancellationToken.None);
        return rig;
    }

    /// <summary>Of one stream, QoS 1.</summary>
    public IBatchPublisher CreatePublisher() => new MqttPublisher(_connection, qos: 1, retain: false);

    public async ValueTask DisposeAsync()
    {
        await _connection.StopAsync(CancellationToken.None);
        _connection.Dispose();
        await _broker.DisposeAsync();
        _certificates.Dispose();
    }
}
