using EdgeInference.Service.Streams;
using EdgeInference.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Systemd;

/// <summary>Looks at the streams, and keeps the service manager informed: ready, how it goes, still alive, stopping.</summary>
internal sealed partial class ServiceWatch(
    ServiceNotifier notifier,
    StatusReport status,
    StreamSupervisor supervisor,
    RunResult result,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ServiceWatch> logger) : BackgroundService
{
    private static readonly TimeSpan StartInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What a start is extended by, and how often.
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ExtensionInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;

    // Held while it is decided what is told: READY must not come behind STOPPING.
    private readonly Lock _telling = new();
    private readonly Readiness _readiness = new();
    private readonly ProgressWatch _progress = new();
    private readonly TimeSpan? _watchdog = WatchdogInterval.Find(Environment.GetEnvironmentVariables(), Environment.ProcessId);
    private long? _extended;
    private long? _fed;
    private LatePart? _late;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!notifier.IsEnabled)
            return Task.CompletedTask;
        lifetime.ApplicationStopping.Register(OnStopping);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan interval = _watchdog / 3 is { } third && third < Interval ? third : Interval;
        using var timer = new PeriodicTimer(StartInterval, time);
        do
        {
            Look(timer.Period);
            if (_readiness.IsReady && timer.Period != interval)
                timer.Period = interval;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look(TimeSpan interval)
    {
        StreamView[] streams = [.. supervisor.Streams.Select(StreamView.Of)];
        if (streams.Length > 0)
            status.Look(streams);
        LatePart? late = _progress.Look(streams, interval);
        TellLate(late);
        if (late is null)
            Feed(interval);
        lock (_telling)
        {
            if (!_readiness.IsReady && !lifetime.ApplicationStopping.IsCancellationRequested)
                Start(streams, interval, isLate: late is not null);
        }

        if (StreamWorker.NeedsNewProcess && !result.NeedsNewProcess)
        {
            LogStuck();
            result.NeedsNewProcess = true;
            lifetime.StopApplication();
        }
    }

    private void Start(StreamView[] streams, TimeSpan interval, bool isLate)
    {
        foreach (StreamView silent in _readiness.Look(streams, interval))
            LogNoFrame(silent.Name, Readiness.Patience.TotalSeconds);
        if (_readiness.IsReady)
            notifier.Ready();
        else if (!isLate && IsDue(_extended, ExtensionInterval))
        {
            _extended = time.GetTimestamp();
            notifier.ExtendTimeout(Extension);
        }
    }

    private void Feed(TimeSpan interval)
    {
        if (_watchdog is not { } watchdog || !IsDue(_fed, (watchdog / 3) - interval))
            return;
        _fed = time.GetTimestamp();
        notifier.Watchdog();
    }

    private bool IsDue(long? last, TimeSpan interval) => last is not { } then || time.GetElapsedTime(then) >= interval;

    private void TellLate(LatePart? late)
    {
        if (late is not null && _late is null)
            LogLate(late.Stream, late.Part.Name, late.Part.Activity.Description, late.Silent.TotalSeconds);
        else if (late is null && _late is not null)
            LogGoesOn(_late.Stream);
        _late = late;
    }

    private void OnStopping()
    {
        // Another host takes over, in the same process.
        if (result.Next is not null)
            return;

        lock (_telling)
        {
            // A short file may have ended between two looks: systemd takes an end before READY for a failed start.
            if (!_readiness.IsReady && result.ExitCode == ExitCode.Done)
                notifier.Ready();
            notifier.Stopping();
        }
    }

    [LoggerMessage(EventId = 4131, Level = LogLevel.Warning, Message = "{Stream}: no frame inferred within {Seconds:0} s of its start; the service counts as ready without it")]
    private partial void LogNoFrame(string stream, double seconds);

    [LoggerMessage(EventId = 4132, Level = LogLevel.Critical, Message = "{Stream}: {Part} has been {Activity} for {Seconds:0} s without progress: the watchdog of the service manager is not fed until it goes on")]
    private partial void LogLate(string stream, string part, string activity, double seconds);

    [LoggerMessage(EventId = 4133, Level = LogLevel.Warning, Message = "{Stream}: goes on; the watchdog is fed again")]
    private partial void LogGoesOn(string stream);

    [LoggerMessage(EventId = 4134, Level = LogLevel.Critical, Message = "Too many engines are stuck for good: the service stops with exit code 1, to be started anew")]
    private partial void LogStuck();
}
