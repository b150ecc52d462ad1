using EdgeInference.Commands;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Mqtt;

public static class MqttServices
{
    /// <summary>
    /// Adds the connection to the broker, where the options name one. Hosted services stop in reverse order: call it
    /// before those of the streams are added, so that the connection outlives them. It needs a <see cref="TimeProvider"/>.
    /// </summary>
    /// <param name="services">Where it is added.</param>
    /// <param name="options">Validated ones.</param>
    public static IServiceCollection AddMqtt(this IServiceCollection services, MqttOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.Host))
            return services;
        services.AddSingleton(provider => new MqttConnection(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MqttConnection>>()));
        return services.AddHostedService(static provider => provider.GetRequiredService<MqttConnection>());
    }

    /// <summary>Adds the <see cref="ICommandTransport"/> over the connection that <see cref="AddMqtt"/> adds, which it then needs.</summary>
    public static IServiceCollection AddMqttCommands(this IServiceCollection services) =>
        services.AddSingleton<ICommandTransport, MqttCommandTransport>();
}
