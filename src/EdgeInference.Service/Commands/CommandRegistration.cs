using EdgeInference.Commands;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Service.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Commands;

internal static class CommandRegistration
{
    /// <summary>
    /// Adds what takes commands, where the options name a topic. To be added after the nucleus, whose transport is taken where there
    /// is one, and after the streams: it stops before them.
    /// </summary>
    public static IServiceCollection AddCommands(this IServiceCollection services, CommandOptions options)
    {
        if (options.Topic is null)
            return services;
        if (!services.Any(static service => service.ServiceType == typeof(ICommandTransport)))
            services.AddMqttCommands();
        return services.AddHostedService(provider =>
        {
            StreamSupervisor supervisor = provider.GetRequiredService<StreamSupervisor>();
            TimeProvider time = provider.GetRequiredService<TimeProvider>();
            return new CommandService(
                options,
                provider.GetRequiredService<ICommandTransport>(),
                new CommandExecutor(() => [.. supervisor.Streams.Select(CommandTarget.Of)], time),
                supervisor.Begun,
                time,
                provider.GetRequiredService<ILogger<CommandService>>());
        });
    }
}
