using System.Text.Json;
using EdgeInference.Integration.Tests.Publishing;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Greengrass;

/// <summary>The program as a component of a nucleus, and what the cloud behind that has got.</summary>
internal sealed class GreengrassComponent : IAsyncDisposable
{
    public const string Topic = "openvino/classification";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _ids = [];
    private readonly List<RunningService> _services = [];
    private ReportReader? _reports;

    public GreengrassComponent(NucleusSettings? settings = null)
    {
        Nucleus = NucleusServer.Run(_folder.Path, settings);
        Nucleus.Cloud.Echoes = true;
    }

    public NucleusServer Nucleus { get; }

    public RunningService Service => _services[^1];

    /// <summary>What the first stream of <see cref="StartLiveAsync"/> reports.</summary>
    public ReportReader Reports => _reports!;

    /// <summary>Starts it as the nucleus does, with the token that was issued last, and with these variables besides.</summary>
    public RunningService Start(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(Nucleus.Environment) { ["XDG_STATE_HOME"] = _folder.Path };
        foreach ((string name, string value) in variables)
            environment[name] = value;
        _services.Add(RunningService.Start(environment, arguments));
        return Service;
    }

    /// <summary>Starts it on a video in real time, with a stream beside it that publishes nothing, and returns at the first report.</summary>
    public async Task StartLiveAsync(params Dictionary<string, object>[] more)
    {
        Dictionary<string, object> first = Settings.LiveStream(new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false } });
        Dictionary<string, object> control = Settings.ControlStream();
        control["Publishers"] = new { StandardOutput = new { Enabled = true }, Log = new { Enabled = false }, Greengrass = new { Enabled = false } };
        first["Name"] = "line";
        string settings = await Settings.WriteAsync(_folder, new { Outbox = new { Directory = _folder.File("outbox") }, Streams = (object[])[first, .. more, control] });
        _reports = new ReportReader(Start(new Dictionary<string, string>(), "run", "--config", settings));
        await _reports.NextAsync();
    }

    /// <summary>The process has ended with this exit code; its reports are kept in mind.</summary>
    public async Task WaitForExitAsync(int exitCode)
    {
        int actual = await Service.WaitForExitAsync();
        Assert.True(actual == exitCode, $"exit code {actual}\n{Service.Log}");
        await Reports.EndAsync();
        _ids.AddRange(Reports.Ids);
    }

    /// <summary>Stops it; every report since the first start has then reached the cloud, each first arrival in its place.</summary>
    public async Task StopAsync()
    {
        Service.Send(RunningService.Terminate);
        await WaitForExitAsync(exitCode: 0);
        string[] arrived = [.. Nucleus.Journal.FirstArrivals(Topic).Where(static text => text.StartsWith('{')).Select(IdOf)];
        Assert.True(_ids.SequenceEqual(arrived), $"{arrived.Length} of {_ids.Count}, or in another order\n{Service.Log}\n{Nucleus.Journal}");
        Assert.Empty(Nucleus.Journal.Violations);
    }

    /// <summary>Waits until the cloud has a report that is yet to be made.</summary>
    public async Task CatchUpAsync()
    {
        await Reports.NextAsync();
        string newest = Reports.Ids[^1];
        try
        {
            await Nucleus.Journal.WaitForDeliveryAsync(newest);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(Service.Log, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RunningService service in _services)
            await service.DisposeAsync();
        await Nucleus.DisposeAsync();
        _folder.Dispose();
    }

    private static string IdOf(string report)
    {
        using JsonDocument document = JsonDocument.Parse(report);
        return document.RootElement.GetProperty("id").GetString()!;
    }
}
