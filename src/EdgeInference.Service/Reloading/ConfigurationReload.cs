using System.Runtime.InteropServices;
using System.Threading.Channels;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Reloading;

/// <summary>
/// Reads the configuration again when its files change, or on SIGHUP. Streams that were changed, added or removed are
/// seen to one by one; where something changed that all of them share, the host is made anew. What is wrong is refused as a
/// whole.
/// </summary>
internal sealed partial class ConfigurationReload(
    ConfigurationSource source,
    ServiceConfiguration current,
    StreamSupervisor supervisor,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ConfigurationReload> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly SettledChange _files = new(source.Files);
    private ServiceConfiguration _current = current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // One that waits stands for all that come before it is seen to.
        var hangups = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using PosixSignalRegistration? hangup = IsOnTerminal ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            hangups.Writer.TryWrite(true);
        });
        using var timer = new PeriodicTimer(LookInterval, time);
        Task<bool> tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        Task<bool> asked = hangups.Reader.WaitToReadAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(tick, asked);
            bool isAsked = hangups.Reader.TryRead(out _);
            if (_files.IsDue() || isAsked)
                await ReloadAsync(stoppingToken);
            if (tick.IsCompleted)
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            if (asked.IsCompleted)
                asked = hangups.Reader.WaitToReadAsync(stoppingToken).AsTask();
        }
    }

    /// <summary>On a terminal SIGHUP says that it was closed.</summary>
    private static bool IsOnTerminal => !Console.IsInputRedirected;

    private async Task ReloadAsync(CancellationToken stoppingToken)
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

        foreach (string warning in loaded.Service.Warnings)
            LogWarning(warning);
        await supervisor.ApplyAsync(loaded.Service.Streams, stoppingToken);
        _current = loaded.Service;
    }

    [LoggerMessage(EventId = 4120, Level = LogLevel.Error, Message = "The configuration was changed but is wrong, and the old one stays: {Fault}")]
    private partial void LogRefused(ConfigurationFault fault);

    [LoggerMessage(EventId = 4121, Level = LogLevel.Information, Message = "The configuration was changed in what all streams share ({Keys}): all of them start again")]
    private partial void LogSharedChanged(string keys);

    [LoggerMessage(EventId = 4122, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);
}
