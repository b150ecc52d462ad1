using System.Collections;
using EdgeInference.Commands;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

public static class GreengrassServices
{
    /// <summary>What is missing where the service is no component.</summary>
    public static string Missing => $"the nucleus sets {NucleusEnvironment.SocketVariable} and {NucleusEnvironment.TokenVariable}, and they are not both set";

    /// <summary>Whether the process of that environment was started by a Greengrass nucleus, as a component.</summary>
    public static bool IsComponent(IDictionary environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return NucleusEnvironment.Find(environment, new GreengrassOptions()) is not null;
    }

    /// <summary>
    /// Adds the connection to the nucleus, where there is one. Hosted services stop in reverse order: call it before those of the
    /// streams are added, so that the connection outlives them. It needs a <see cref="TimeProvider"/>.
    /// </summary>
    /// <param name="services">Where it is added.</param>
    /// <param name="options">Validated ones.</param>
    /// <param name="environment">That of the process.</param>
    public static IServiceCollection AddGreengrass(this IServiceCollection services, GreengrassOptions options, IDictionary environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        if (NucleusEnvironment.Find(environment, options) is not { } nucleus)
            return services;
        services.AddSingleton(provider => new GreengrassConnection(
            nucleus,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GreengrassConnection>>()));
        services.AddSingleton<ICommandTransport, GreengrassCommandTransport>();
        return services.AddHostedService(static provider => provider.GetRequiredService<GreengrassConnection>());
    }

    /// <summary>Whether the nucleus no longer knows this process, which has to fail for it to be started anew.</summary>
    public static bool GreengrassNeedsNewProcess(this IEnumerable<IHostedService> services) =>
        services.OfType<GreengrassConnection>().Any(static connection => connection.NeedsNewProcess);
}
