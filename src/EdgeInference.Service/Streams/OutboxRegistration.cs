using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Outbox;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Systemd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Service.Streams;

/// <summary>Registers the outbox and what delivers from it.</summary>
internal static class OutboxRegistration
{
    private const string DirectoryKey = "EdgeInference:Outbox:Directory";

    // Bytes a second, of a worn memory card. A start that is cut off for its check would be cut off again, for ever.
    private const long SlowDisk = 1_000_000;

    // What the start is given for the rest of it.
    private static readonly TimeSpan StartSlack = TimeSpan.FromSeconds(30);

    public static IServiceCollection AddOutbox(this IServiceCollection services, OutboxOptions options) => services
        .AddSingleton<PublisherFactory>()
        .AddSingleton(provider => new ReportOutbox(
            Find(options) ?? "", options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ReportOutbox>>()))
        .AddSingleton<DeliveryService>()
        .AddHostedService(static provider => provider.GetRequiredService<DeliveryService>());

    /// <summary>Opens the outbox before anything runs, if a publisher of any stream needs it.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    /// <exception cref="OutboxException">It cannot be used now.</exception>
    public static void OpenOutbox(this IServiceProvider services)
    {
        ServiceConfiguration configuration = services.GetRequiredService<ServiceConfiguration>();
        DurablePublisher[] publishers = [.. configuration.Streams.SelectMany(services.GetRequiredService<PublisherFactory>().CreateDurable)];
        if (publishers.Length > 0)
        {
            FolderOf(configuration.Options.Outbox);
            if (services.GetRequiredService<ReportOutbox>().BytesToCheck is > 0 and var bytes)
                services.GetRequiredService<ServiceNotifier>().ExtendTimeout(TimeFor(bytes));
        }

        try
        {
            services.GetRequiredService<DeliveryService>().Open(publishers);
        }
        catch (OutboxException exception) when (!exception.IsTemporary)
        {
            throw new ConfigurationException([new ConfigurationFault(DirectoryKey, exception.Message)]);
        }
    }

    /// <exception cref="ConfigurationException">Nothing says where the outbox is.</exception>
    public static string FolderOf(OutboxOptions options) => Find(options)
        ?? throw new ConfigurationException([new ConfigurationFault(DirectoryKey, "is required where none of $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME is set: the folder of the outbox")]);

    /// <summary>How long a check may take.</summary>
    private static TimeSpan TimeFor(long bytes) => StartSlack + TimeSpan.FromSeconds((double)bytes / SlowDisk);

    private static string? Find(OutboxOptions options) => ServiceFolder.State.Find(options.Directory, Environment.GetEnvironmentVariables());
}
