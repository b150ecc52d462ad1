using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;
using EdgeInference.Service.Systemd;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Reloading;

/// <summary>
/// Reads the configuration again when its files change, or somebody asks for it. Streams that were changed, added or removed are
/// seen to one by one; where something changed that all of them share, the host is made anew. What is wrong is refused as a
/// whole.
/// </summary>
internal sealed partial class ConfigurationReload(
    ConfigurationSource source,
    ServiceConfiguration current,
    StreamSupervisor supervisor,
    ServiceNotifier notifier,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ConfigurationReload> logger) : BackgroundService
{
    /// <summary>Of a fault in a configuration: all are told, however many there are.</summary>
    public const int RefusedEventId = 4140;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private ServiceConfiguration _current = current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        Task<bool> tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        Task<bool> asked = source.Requests.WaitToReadAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(tick, asked);
            bool isAsked = source.Requests.TryRead(out _);
            if (source.Changes.IsDue() || isAsked)
                await ReloadAsync(stoppingToken);
            if (tick.IsCompleted)
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            if (asked.IsCompleted)
                asked = source.Requests.WaitToReadAsync(stoppingToken).AsTask();
        }
    }

    private async Task ReloadAsync(CancellationToken stoppingToken)
    {
        notifier.BeginReload();
        await TryReloadAsync(stoppingToken);

        // Another host says so itself, once it is ready.
        if (result.Next is null)
            notifier.EndReload();
    }

    private async Task TryReloadAsync(CancellationToken stoppingToken)
    {
        LoadedConfiguration loaded;
        try
        {
            loaded = source.Load();
        }
        catch (ConfigurationException exception)
        {
            foreach (ConfigurationFault fault in exception.Faults)
                LogRefused(fault);
            return;
        }

        if (loaded.Service.ChangedSharedKeys(_current) is { Count: > 0 } changed)
        {
            string keys = string.Join(", ", changed);
            LogSharedChanged(keys);
            result.Next = loaded;
            lifetime.StopApplication();
            return;
        }

        await supervisor.ApplyAsync(loaded.Service, stoppingToken);
        _current = loaded.Service;
    }

    [LoggerMessage(EventId = RefusedEventId, Level = LogLevel.Error, Message = "The configuration was changed but is wrong, and the old one stays: {Fault}")]
    private partial void LogRefused(ConfigurationFault fault);

    [LoggerMessage(EventId = 4141, Level = LogLevel.Information, Message = "The configuration was changed in what all streams share ({Keys}): all of them start again")]
    private partial void LogSharedChanged(string keys);
}
