using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Streams;

/// <summary>A supervised stream that runs, or has run, and can be stopped by itself.</summary>
internal sealed class StreamRun : IDisposable
{
    private readonly CancellationTokenSource _stop;

    private StreamRun(ConfiguredStream configured, SupervisedStream stream, CancellationTokenSource stop, Task<StreamOutcome> ended)
    {
        (Configured, Stream, _stop, Ended) = (configured, stream, stop, ended);
    }

    public ConfiguredStream Configured { get; }

    public SupervisedStream Stream { get; }

    public Task<StreamOutcome> Ended { get; }

    public static StreamRun Start(ConfiguredStream configured, SupervisedStream stream, CancellationToken stoppingToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        return new StreamRun(configured, stream, stop, stream.RunAsync(stop.Token));
    }

    /// <summary>Stops the stream and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
    }

    public void Dispose() => _stop.Dispose();
}
