using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;

namespace EdgeInference.Service.Systemd;

internal static class ServiceManagerRegistration
{
    /// <summary>
    /// Tells systemd how the service is. Not the package's SystemdLifetime, which calls a service ready that has only begun to
    /// compile its models. To be registered before what may take its time to stop, which is the other way round: the watchdog is
    /// fed meanwhile.
    /// </summary>
    public static IServiceCollection AddServiceManager(this IServiceCollection services) => services
        .AddSingleton<ISystemdNotifier, SystemdNotifier>()
        .AddSingleton<ServiceNotifier>()
        .AddSingleton<StatusReport>()
        .AddHostedService<ServiceWatch>();
}
