using EdgeInference.Publishing;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>An outbox in a folder that goes with it, with the delivery as the service has it.</summary>
internal sealed class OutboxRig : IAsyncDisposable
{
    public static readonly string[] Streams = ["line1", "line2", "line3", "line4"];

    private readonly DirectoryInfo _folder;
    private DeliveryService? _delivery;

    /// <param name="parent">Where its folder is made.</param>
    public OutboxRig(string parent) => _folder = Directory.CreateDirectory(Path.Combine(parent, $"edge-inference-outbox-{Guid.NewGuid():N}"));

    public OutboxOptions Options { get; } = new() { LimitMegabytes = 1 << 20 };

    public ReportOutbox Outbox { get; private set; } = null!;

    /// <summary>Of the file and its write-ahead log, in MB.</summary>
    public double Megabytes => _folder.EnumerateFiles().Sum(static file => file.Length) / 1e6;

    /// <summary>Opens the outbox, and begins to deliver.</summary>
    public async Task StartAsync(params DurablePublisher[] publishers)
    {
        Outbox = new ReportOutbox(_folder.FullName, Options, TimeProvider.System, NullLogger<ReportOutbox>.Instance);
        _delivery = new DeliveryService(Outbox, TimeProvider.System, NullLogger<DeliveryService>.Instance);
        _delivery.Open(publishers);
        await _delivery.StartAsync(CancellationToken.None);
    }

    /// <summary>Opens the outbox with a publisher of each stream that delivers nothing.</summary>
    public void OpenWithoutDelivery()
    {
        Outbox = new ReportOutbox(_folder.FullName, Options, TimeProvider.System, NullLogger<ReportOutbox>.Instance);
        Outbox.Open([.. Streams.Select(static stream => new OutboxReader(new CursorKey(stream, "Mqtt"), WantsMessages: true))]);
    }

    /// <summary>Waits for what is to be delivered.</summary>
    public Task DrainAsync() => _delivery!.DrainAsync(CancellationToken.None);

    public async Task CloseAsync()
    {
        if (_delivery is not null)
            await _delivery.StopAsync(CancellationToken.None);
        _delivery?.Dispose();
        _delivery = null;
        await Outbox.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>One publisher for each stream.</summary>
    public static DurablePublisher[] ForEachStream(string name, Func<IPublisher> create) =>
        [.. Streams.Select(stream => new DurablePublisher(new CursorKey(stream, name), create()))];
}
