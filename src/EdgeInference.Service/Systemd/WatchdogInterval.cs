using System.Collections;
using System.Globalization;

namespace EdgeInference.Service.Systemd;

/// <summary>How often the service manager wants to hear that all is well (sd_watchdog_enabled(3)).</summary>
internal static class WatchdogInterval
{
    /// <returns>Null where there is no watchdog, or it is another process's.</returns>
    public static TimeSpan? Find(IDictionary environment, int processId)
    {
        if (environment["WATCHDOG_PID"] is string pid && pid != processId.ToString(CultureInfo.InvariantCulture))
            return null;
        return long.TryParse(environment["WATCHDOG_USEC"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
