using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Systemd;

/// <summary>
/// Tells the service manager how the service is (sd_notify(3)); does nothing where there is none. Thread-safe.
/// </summary>
internal sealed partial class ServiceNotifier(ISystemdNotifier systemd, ILogger<ServiceNotifier> logger)
{
    private readonly ILogger _logger = logger;
    private volatile bool _isReady;
    private volatile bool _isFailing;

    /// <summary>Whether there is somebody to tell.</summary>
    public bool IsEnabled => systemd.IsEnabled;

    public void Ready()
    {
        _isReady = true;
        Send("READY=1");
    }

    /// <param name="line">One line for <c>systemctl status</c>.</param>
    public void Status(string line) => Send($"STATUS={line}");

    public void Watchdog() => Send("WATCHDOG=1");

    /// <summary>The start goes on, and says so again within this time.</summary>
    public void ExtendTimeout(TimeSpan time) => Send(string.Create(CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={time.TotalMicroseconds:0}"));

    public void Stopping() => Send("STOPPING=1");

    /// <summary>The configuration is read again, until <see cref="EndReload"/>. A service that is not ready yet does not say so: it would seem ready.</summary>
    public void BeginReload()
    {
        // Of the clock that systemd looks at, CLOCK_MONOTONIC, to tell this reload from one before it was asked for.
        double microseconds = Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency);
        if (_isReady)
            Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds:0}"));
    }

    public void EndReload()
    {
        if (_isReady)
            Send("READY=1");
    }

    private void Send(string state)
    {
        if (!IsEnabled)
            return;
        try
        {
            systemd.Notify(new ServiceState(state));
            _isFailing = false;
        }
        catch (SocketException exception)
        {
            if (!_isFailing)
                LogFailing(exception.Message);
            _isFailing = true;
        }
    }

    [LoggerMessage(EventId = 4130, Level = LogLevel.Warning, Message = "The service manager cannot be told how the service is: {Reason} (said once until it works again)")]
    private partial void LogFailing(string reason);
}
