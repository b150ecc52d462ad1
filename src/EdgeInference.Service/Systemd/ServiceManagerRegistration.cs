using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;

namespace EdgeInference.Service.Systemd;

internal static class ServiceManagerRegistration
{
    /// <summary>
    /// Tells systemd how the service is. Not the package's SystemdLifetime, which calls a service ready that has only begun to
    /// compile its models.
    /// </summary>
    public static IServiceCollection AddServiceManager(this IServiceCollection services) => services
        .AddSingleton<ISystemdNotifier, SystemdNotifier>()
        .AddSingleton<ServiceNotifier>()
        .AddHostedService<ServiceWatch>();
}
