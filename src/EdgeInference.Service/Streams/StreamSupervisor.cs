using EdgeInference.Publishing.Delivery;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Starts every stream, and ends the service when the last one has ended.</summary>
internal sealed partial class StreamSupervisor(
    ServiceConfiguration configuration,
    StreamFactory factory,
    DeliveryService deliveries,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<StreamSupervisor>();

    private readonly IReadOnlyList<SupervisedStream> _streams =
        [.. configuration.Streams.Select(stream => new SupervisedStream(stream, factory, time, loggers.CreateLogger<SupervisedStream>()))];

    /// <summary>The streams, in the order of the configuration.</summary>
    public IReadOnlyList<SupervisedStream> Streams => _streams;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string warning in configuration.Warnings)
            LogWarning(warning);
        StreamOutcome[] outcomes;

        // A service that was asked to stop is done, even if the host cuts off what takes too long at that.
        await using (stoppingToken.Register(() => result.ExitCode = ExitCode.Done))
        {
            outcomes = await Task.WhenAll(_streams.Select(stream => stream.RunAsync(stoppingToken)));
            await deliveries.DrainAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        result.ExitCode = ExitCode.Of(outcomes, stoppingToken.IsCancellationRequested);
        lifetime.StopApplication();
    }

    [LoggerMessage(EventId = 4100, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);
}
