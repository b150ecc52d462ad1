using System.Globalization;
using System.Text;
using EdgeInference.Publishing.Mqtt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Tests.Mqtt;

/// <summary>The connection as the service adds it, with a publisher.</summary>
internal sealed class MqttRig : IAsyncDisposable
{
    public const int Connected = 3200;
    public const int ConnectedAgain = 3205;
    public const int Away = 3201;
    public const int NeedsPerson = 3202;
    public const int Unencrypted = 3203;
    public const int StatusFailed = 3204;

    public const string Topic = "openvino/ssd";

    private readonly ServiceProvider _services;
    private bool _isStopped;

    private MqttRig(MqttOptions options, MqttPublisherOptions publisher, TimeProvider time)
    {
        _services = new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton<ILogger<MqttConnection>>(Log)
            .AddMqtt(options)
            .BuildServiceProvider();
        Publisher = (IBatchPublisher)MqttPublisher.Registration.Create(_services, new PublisherContext("line1", false, "CPU"), publisher);
    }

    public RecordingLogger<MqttConnection> Log { get; } = new();

    public IBatchPublisher Publisher { get; }

    public MqttConnection Connection => _services.GetRequiredService<MqttConnection>();

    /// <summary>How many reports of <see cref="PublishUntilDeliveredAsync"/> had been delivered at the first failure.</summary>
    public int DeliveredBeforeFailure { get; private set; }

    public static async Task<MqttRig> RunAsync(MqttOptions options, MqttPublisherOptions? publisher = null, TimeProvider? time = null)
    {
        var rig = new MqttRig(options, publisher ?? new MqttPublisherOptions(), time ?? TimeProvider.System);
        await rig._services.GetRequiredService<IHostedService>().StartAsync(CancellationToken.None);
        return rig;
    }

    public static MqttOptions Options(int port) => new() { Host = "localhost", Port = port, ClientId = "edge-inference-test" };

    public static Report Report(int number, string topic = Topic, int bytes = 0) => TestReports.WithJpeg(null) with
    {
        Id = Guid.CreateVersion7(),
        Topic = topic,
        Payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadRight(bytes)),
    };

    public static Report[] Reports(int first, int count, string topic = Topic) => [.. Enumerable.Range(first, count).Select(number => Report(number, topic))];

    public static IEnumerable<string> Numbers(int first, int count) =>
        Enumerable.Range(first, count).Select(static number => number.ToString(CultureInfo.InvariantCulture));

    public async Task PublishAsync(params Report[] reports)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await Publisher.PublishAsync(reports, deadline.Token);
    }

    /// <summary>As the outbox does it: what was not delivered is sent again, until all is. Permanent failures end it.</summary>
    public async Task<IReadOnlyList<PublishException>> PublishUntilDeliveredAsync(params Report[] reports)
    {
        var failures = new List<PublishException>();
        int done = 0;
        while (done < reports.Length)
        {
            Report[] batch = reports[done..Math.Min(reports.Length, done + Publisher.MaxReports)];
            try
            {
                await PublishAsync(batch);
                done += batch.Length;
            }
            catch (PublishException exception) when (exception.Failure != PublishFailure.Permanent)
            {
                done += exception.Delivered;
                if (failures.Count == 0)
                    DeliveredBeforeFailure = done;
                Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
                failures.Add(exception);
                await Task.Delay(100);
            }
        }

        return failures;
    }

    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();

        // Tests give secrets that begin so.
        Assert.DoesNotContain(Log.Lines, static line => line.ToString().Contains("canary", StringComparison.Ordinal));
        await _services.DisposeAsync();
    }
}
