using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Streams;

/// <summary>A supervised stream that runs, or has run, and can be stopped by itself.</summary>
internal sealed class StreamRun : IDisposable
{
    private readonly CancellationTokenSource _stop;

    private StreamRun(SupervisedStream stream, CancellationTokenSource stop, Task<StreamOutcome> ended)
    {
        (Stream, _stop, Ended) = (stream, stop, ended);
    }

    public ConfiguredStream Configured => Stream.Configured;

    public SupervisedStream Stream { get; }

    public Task<StreamOutcome> Ended { get; }

    public static StreamRun Start(SupervisedStream stream, CancellationToken stoppingToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        return new StreamRun(stream, stop, stream.RunAsync(stop.Token));
    }

    /// <summary>Stops the stream and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
    }

    public void Dispose() => _stop.Dispose();
}
