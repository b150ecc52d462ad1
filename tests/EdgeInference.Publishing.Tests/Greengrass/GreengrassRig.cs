using System.Collections;
using EdgeInference.Commands;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Tests.Mqtt;
using EdgeInference.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>The connection as the service adds it, with a publisher.</summary>
internal sealed class GreengrassRig : IAsyncDisposable
{
    public const int Connected = 3220;
    public const int Away = 3221;
    public const int Unusable = 3222;
    public const int ConnectedAgain = 3223;
    public const int TokenInvalid = 3227;
    public const int MayNotSubscribe = 3230;
    public const int NoEcho = 3231;
    public const int TooLargeToComeBack = 3232;
    public const int Shared = 3233;

    public const string Topic = "openvino/ssd";

    private readonly ServiceProvider _services;
    private readonly string _token;
    private bool _isStopped;

    private GreengrassRig(string socketPath, string token, GreengrassOptions options, GreengrassPublisherOptions publisher, TimeProvider time)
    {
        _token = token;
        _services = new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton<ILogger<GreengrassConnection>>(Log)
            .AddSingleton<ILogger<GreengrassPublisher>>(PublisherLog)
            .AddSingleton<ILogger<GreengrassCommandTransport>>(CommandLog)
            .AddSingleton<IHostApplicationLifetime>(Lifetime)
            .AddGreengrass(options, Environment(socketPath, token))
            .BuildServiceProvider();
        Publisher = (IBatchPublisher)GreengrassPublisher.Registration.Create(_services, new PublisherContext("line1", false, "CPU"), publisher);
    }

    public RecordingLogger<GreengrassConnection> Log { get; } = new();

    public RecordingLogger<GreengrassPublisher> PublisherLog { get; } = new();

    public RecordingLogger<GreengrassCommandTransport> CommandLog { get; } = new();

    public FakeLifetime Lifetime { get; } = new();

    public IBatchPublisher Publisher { get; }

    public GreengrassConnection Connection => _services.GetRequiredService<GreengrassConnection>();

    public ICommandTransport Commands => _services.GetRequiredService<ICommandTransport>();

    public static Hashtable Environment(string socketPath, string token) => new()
    {
        ["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT"] = socketPath,
        ["SVCUID"] = token,
    };

    public static Task<GreengrassRig> RunAsync(NucleusServer server, GreengrassPublisherOptions? publisher = null, TimeProvider? time = null) =>
        RunAsync(server.SocketPath, server.Token, server.Settings.Kind == TestServers.NucleusKind.Classic, publisher, time);

    public static async Task<GreengrassRig> RunAsync(
        string socketPath, string token, bool isClassic = false, GreengrassPublisherOptions? publisher = null, TimeProvider? time = null)
    {
        var options = new GreengrassOptions { Nucleus = isClassic ? Publishing.Greengrass.NucleusKind.Classic : Publishing.Greengrass.NucleusKind.Lite };
        var rig = new GreengrassRig(socketPath, token, options, publisher ?? new GreengrassPublisherOptions(), time ?? TimeProvider.System);
        await rig._services.GetRequiredService<IHostedService>().StartAsync(CancellationToken.None);
        return rig;
    }

    public static Report[] Reports(int first, int count, string topic = Topic) => [.. Enumerable.Range(first, count).Select(number => MqttRig.Report(number, topic))];

    public async Task PublishAsync(params Report[] reports)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Publisher.PublishAsync(reports, deadline.Token);
    }

    /// <summary>As the outbox does it: what was not delivered is sent again, until all is. Permanent failures end it.</summary>
    public async Task<IReadOnlyList<PublishException>> PublishUntilDeliveredAsync(params Report[] reports)
    {
        var failures = new List<PublishException>();
        int done = 0;
        while (done < reports.Length)
        {
            Report[] batch = reports[done..Math.Min(reports.Length, done + Publisher.MaxReports)];
            try
            {
                await PublishAsync(batch);
                done += batch.Length;
            }
            catch (PublishException exception) when (exception.Failure != PublishFailure.Permanent)
            {
                done += exception.Delivered;
                Assert.DoesNotContain(_token, exception.ToString(), StringComparison.Ordinal);
                failures.Add(exception);

                // The loop around publishers waits longer than that.
                await Task.Delay(20);
            }
        }

        return failures;
    }

    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await Publisher.DisposeAsync();
        await _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        LogLine[] lines = [.. Log.Lines, .. PublisherLog.Lines, .. CommandLog.Lines];
        Assert.DoesNotContain(lines, line => line.ToString().Contains(_token, StringComparison.Ordinal));
        await _services.DisposeAsync();
    }
}

/// <summary>Writes down that the application is asked to stop.</summary>
internal sealed class FakeLifetime : IHostApplicationLifetime
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody has asked for it.</summary>
    public Task Stopped => _stopped.Task;

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopped.TrySetResult();
}

/// <summary>A folder for a socket, whose path must be short, with a server in it.</summary>
public abstract class NucleusTest : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ei-");
    private readonly List<IAsyncDisposable> _servers = [];

    protected string Folder => _folder.FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable server in _servers)
            await server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Lets time pass until it is done: where nothing is under way that has its own limit of time.</summary>
    internal static async Task AdvanceUntilAsync(FakeTimeProvider time, Task task)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(task, Task.Delay(2, deadline.Token));
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The same where connections have to be made: time passes only while there is none, and else what is under way has its own.</summary>
    internal static async Task AdvanceWhileAwayUntilAsync(FakeTimeProvider time, NucleusServer server, Task task)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!task.IsCompleted)
        {
            if (server.Journal.Clients.All(static client => client.End is not null))
                time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(task, Task.Delay(2, deadline.Token));
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A server whose cloud gives back what is published, as a broker does.</summary>
    internal NucleusServer Server(NucleusSettings? settings = null, bool runs = true, bool echoes = true)
    {
        NucleusServer server = NucleusServer.Create(Folder, settings);
        server.Cloud.Echoes = echoes;
        if (runs)
            server.Start();
        _servers.Add(server);
        return server;
    }
}
