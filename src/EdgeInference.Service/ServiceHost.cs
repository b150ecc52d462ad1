using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using EdgeInference.Capture;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Delivery;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Service.CommandLine;
using EdgeInference.Service.Commands;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Engines;
using EdgeInference.Service.Logging;
using EdgeInference.Service.Reloading;
using EdgeInference.Service.Streams;
using EdgeInference.Service.Systemd;
using EdgeInference.Service.SystemRequirements;
using EdgeInference.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeInference.Service;

/// <summary>The Generic Host of the service.</summary>
internal static class ServiceHost
{
    // More than a stream's own deadline for draining, so that the host never cuts it off.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Runs all streams until they end or the service is asked to stop: on a host of their own, and on another one when
    /// something changes that they share.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        LoadedConfiguration configuration, ConfigurationSource source, bool showProgress, CancellationToken cancellationToken)
    {
        // Here, so that none is lost between two hosts, each of which sees to the first two itself.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, stop.Cancel);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, stop.Cancel);

        // On a terminal it says that the terminal was closed.
        using PosixSignalRegistration? hangup = source.Files.Count > 0 && Console.IsInputRedirected ? OnSignal(PosixSignal.SIGHUP, source.RequestReload) : null;

        try
        {
            IHost host = Open(configuration, source, showProgress);
            while (true)
            {
                RunResult result = await RunHostAsync(host, stop.Token);
                if (result.NeedsNewProcess || result.Next is not { } next || stop.IsCancellationRequested)
                    return result.ExitCode;
                (host, configuration) = await OpenNextAsync(next, configuration, source, showProgress);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Before the host had started.
            return ExitCode.Done;
        }
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    });

    /// <summary>The host of the changed configuration, or, where that cannot be used, of the one before.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with what was changed, what was there before has worked.")]
    private static async Task<(IHost Host, LoadedConfiguration Configuration)> OpenNextAsync(
        LoadedConfiguration next, LoadedConfiguration before, ConfigurationSource source, bool showProgress)
    {
        try
        {
            return (Open(next, source, showProgress), next);
        }
        catch (Exception exception)
        {
            string[] reasons = exception is ConfigurationException { Faults: var faults } ? [.. faults.Select(static fault => fault.ToString())] : [exception.Message];
            foreach (string reason in reasons)
                await StandardError.WriteErrorAsync($"the changed configuration cannot be used, and the old one stays: {reason}");
            return (Open(before, source, showProgress), before);
        }
    }

    private static IHost Open(LoadedConfiguration configuration, ConfigurationSource source, bool showProgress)
    {
        IHost host = Build(configuration.Service, configuration.File, source, showProgress);
        try
        {
            host.Services.OpenOutbox();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static async Task<RunResult> RunHostAsync(IHost host, CancellationToken cancellationToken)
    {
        await using var _ = (IAsyncDisposable)host;
        RunResult result = host.Services.GetRequiredService<RunResult>();
        BackgroundService[] services = [.. host.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        await host.RunAsync(cancellationToken);

        // Such a one has stopped the host as if that had been asked for.
        if (services.Any(static service => service.ExecuteTask is { IsFaulted: true }))
            result.ExitCode = ExitCode.Failed;
        result.NeedsNewProcess |= services.GreengrassNeedsNewProcess();
        return result;
    }

    /// <summary>Does everything that <see cref="RunAsync"/> does before the first frame.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">Something is wrong; it lists what the system lacks, too.</exception>
    public static async Task<int> CheckAsync(LoadedConfiguration loaded, SystemFindings system)
    {
        ServiceConfiguration configuration = loaded.Service;
        IHost host = Build(configuration, loaded.File);
        await using var _ = (IAsyncDisposable)host;
        StreamFactory factory = host.Services.GetRequiredService<StreamFactory>();
        PublisherFactory publishers = host.Services.GetRequiredService<PublisherFactory>();
        DurablePublisher[] durable = [.. configuration.Streams.SelectMany(publishers.CreateDurable)];
        List<ConfigurationFault> faults = [.. system.Faults];
        foreach (ConfiguredStream stream in configuration.Streams)
        {
            try
            {
                await using StreamWorker worker = factory.Create(stream, [.. durable.Where(publisher => publisher.Key.Stream == stream.Name)]);
            }
            catch (Exception exception) when (StreamFault.Is(exception))
            {
                faults.Add(new ConfigurationFault(stream.Name, exception.Message));
            }
        }

        IEnumerable<string> doubts = configuration.Streams.SelectMany(stream => FindDoubts(stream, publishers));
        foreach (string warning in system.Warnings.Concat(configuration.Warnings).Concat(doubts))
            await StandardError.WriteWarningAsync(warning);
        if (faults.Count > 0)
            throw new ConfigurationException(faults);
        Console.WriteLine($"The configuration is valid: {configuration.Streams.Count} {(configuration.Streams.Count == 1 ? "stream" : "streams")}.");
        if (durable.Length > 0)
            Console.WriteLine($"Reports wait in {OutboxRegistration.FolderOf(configuration.Options.Outbox)} until they are delivered.");
        foreach (DurablePublisher publisher in durable)
            Console.WriteLine($"{publisher.Key.Stream}: {publisher.Key.Publisher} to {publisher.Publisher.Destination}");
        return ExitCode.Done;
    }

    /// <summary>What is no fault, because it may be there when the stream starts.</summary>
    private static IEnumerable<string> FindDoubts(ConfiguredStream stream, PublisherFactory publishers)
    {
        if (!VideoSourceFactory.IsThere(stream.Options.Source))
            yield return $"{stream.Name}: Source:Input {stream.Options.Source.Input} is not there now";
        foreach (string doubt in publishers.FindDoubts(stream))
            yield return $"{stream.Name}: {doubt}";
    }

    internal static IHost Build(ServiceConfiguration configuration, IConfiguration file, ConfigurationSource? source = null, bool showProgress = false)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services
            .AddLog(file)
            .Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownTimeout)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(configuration)
            .AddSingleton(BuiltInPublishers.All)
            .AddServiceManager()
            .AddEngines(configuration.Options)
            .AddMqtt(configuration.Options.Mqtt)
            .AddGreengrass(configuration.Options.Greengrass, Environment.GetEnvironmentVariables())
            .AddOutbox(configuration.Options.Outbox)
            .AddSingleton<VideoSourceFactory>()
            .AddSingleton<StreamModels>()
            .AddSingleton<StreamFactory>()
            .AddSingleton<RunResult>()
            .AddSingleton<StreamSupervisor>()
            .AddHostedService(static services => services.GetRequiredService<StreamSupervisor>())
            .AddCommands(configuration.Options.Commands);
        if (showProgress)
            builder.Services.AddHostedService<ProgressBar>();
        if (source is { Files.Count: > 0 })
            builder.Services.AddSingleton(source).AddHostedService<ConfigurationReload>();
        return builder.Build();
    }
}
