using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.Durability;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// What befalls a box in the field, with a camera and a broker, with TLS and a password, outside: the service hangs, is killed, its camera
/// is cut, its configuration broken and mended.
/// </summary>
internal sealed partial class Mishaps(Container container, InstalledService service, Surroundings around)
{
    public const string Outbox = "/var/lib/private/edge-inference/outbox.db";

    private const string Folder = "/srv/edge";

    /// <summary>Secrets are root's alone; model and video are those of the groups that own GPUs and cameras.</summary>
    public async Task ConfigureAsync()
    {
        await container.DoAsync("install -d -m 0700 /etc/edge-inference/credentials");
        foreach ((string name, string file) in new[] { ("ca.pem", around.CaFile), ("device.pem", around.Device.Certificate), ("device.key", around.Device.Key) })
            await WriteSecretAsync(name, await File.ReadAllTextAsync(file));
        await WriteSecretAsync("EdgeInference__Mqtt__Password", Surroundings.Password + "\n");
        await container.DoAsync($"""
            mkdir -p {Folder} && cp /usr/share/edge-inference/models/parts-detector/* /usr/share/edge-inference/models/demo/conveyor.mp4 {Folder}
            chgrp render {Folder}/parts-detector.* && chgrp video {Folder}/conveyor.mp4 && chmod 0640 {Folder}/*.xml {Folder}/*.bin {Folder}/*.mp4
            """);
        await service.ConfigureAsync(around.Configure(Folder));

        Assert.Contains("The configuration is valid: 2 streams.", await container.DoAsync("edge-inference check"), StringComparison.Ordinal);

        // So that what follows takes seconds; the rest is the unit's own.
        await AddDropInAsync("restart", "RestartSec=1");
    }

    /// <summary>All of them, on a service that runs. Its first stream is line2 afterwards.</summary>
    public async Task BefallAsync()
    {
        await HangAsync();
        await KillAsync();
        await CutCameraAsync();
        await BreakConfigurationAsync();
    }

    /// <summary>Waits for reports of a stream that were made from now on.</summary>
    public async Task WaitForReportsAsync(string stream)
    {
        int before = around.ReportsOf(stream);
        await container.WaitAsync($"reports of {stream} arrive", () => Task.FromResult(around.ReportsOf(stream) > before + 2));
    }

    public Task WaitForStatusAsync(string text) => container.WaitAsync(
        $"the status is '{text}'", async () => (await service.ShowAsync("StatusText")).Contains(text, StringComparison.Ordinal));

    /// <summary>A service that does nothing more is ended and started again.</summary>
    private async Task HangAsync()
    {
        await AddDropInAsync("watchdog", "WatchdogSec=9");
        await container.DoAsync($"systemctl restart {InstalledService.Unit}");
        int restarts = await service.RestartsAsync();
        await container.DoAsync($"kill -STOP {await service.MainProcessAsync()}");

        await service.WaitForJournalAsync("Watchdog timeout");
        await AddDropInAsync("watchdog", "");
        await WaitForRestartAsync(restarts);
    }

    /// <summary>What was committed when the service was killed is delivered.</summary>
    private async Task KillAsync()
    {
        await around.Broker.KillAsync();
        await container.WaitAsync(
            "more than a few reports wait for the broker", async () => TenOrMoreWait().IsMatch(await service.ShowAsync("StatusText")) && await service.IsActiveAsync());
        int restarts = await service.RestartsAsync();
        int main = await service.MainProcessAsync();

        // The outbox can be copied once nobody writes to it.
        await container.DoAsync($"kill -STOP {main}");
        OutboxSnapshot outbox = OutboxSnapshot.Take(container.PathOf(Outbox));
        Guid[] committed = [.. outbox.Reports.Where(report => report.IsResult && outbox.IsWaiting(report.Id, "Mqtt")).Select(static report => report.Id)];
        Assert.NotEmpty(committed);
        await container.DoAsync($"kill -KILL {main}");

        await WaitForRestartAsync(restarts);
        await around.Broker.StartAsync();
        await container.WaitAsync("every committed report has arrived", () => Task.FromResult(committed.All(id => around.Ids().Contains(id.ToString()))));
    }

    /// <summary>A camera that is away is no failure of the service, nor of the other stream.</summary>
    private async Task CutCameraAsync()
    {
        int main = await service.MainProcessAsync();
        around.Network.Close();

        await service.WaitForJournalAsync("camera: lost: ");
        await WaitForStatusAsync("2 streams: 1 runs, camera lost");
        await WaitForReportsAsync("line1");
        Assert.True(await service.IsActiveAsync());

        around.Network.Open();
        await service.WaitForJournalAsync(" is back");
        await WaitForStatusAsync("2 streams: 2 run");
        await WaitForReportsAsync("camera");
        Assert.Equal(main, await service.MainProcessAsync());
        Assert.Contains("camera: lost: ", await service.JournalAsync("STREAM=camera --priority=warning"), StringComparison.Ordinal);
    }

    /// <summary>A running service keeps the configuration it has; one that starts with a wrong one says why, once.</summary>
    private async Task BreakConfigurationAsync()
    {
        int main = await service.MainProcessAsync();
        await service.ConfigureAsync(around.Configure(Folder, threshold: "high"));
        await container.DoAsync($"systemctl reload {InstalledService.Unit}");
        await service.WaitForJournalAsync("EdgeInference:Streams:0:Detection:Threshold: 'high' is not allowed");
        await WaitForReportsAsync("line1");
        Assert.Equal(main, await service.MainProcessAsync());

        ServiceRun restart = await container.RunAsync($"systemctl restart {InstalledService.Unit}");
        Assert.NotEqual(0, restart.ExitCode);
        Assert.Equal("78", await service.ShowAsync("ExecMainStatus"));
        Assert.Equal("failed", await service.ShowAsync("ActiveState"));
        Assert.Equal("0", await service.ShowAsync("NRestarts"));

        await service.ConfigureAsync(around.Configure(Folder, threshold: "0.4"));
        await container.DoAsync($"systemctl restart {InstalledService.Unit}");
        await WaitForReportsAsync("line1");

        main = await service.MainProcessAsync();
        await service.ConfigureAsync(around.Configure(Folder, threshold: "0.4", name: "line2"));
        await container.DoAsync($"systemctl reload {InstalledService.Unit}");
        await WaitForReportsAsync("line2");
        Assert.Equal(main, await service.MainProcessAsync());
        Assert.True(await service.IsActiveAsync());
    }

    private Task<string> WriteSecretAsync(string name, string text) =>
        container.DoAsync($"umask 077 && cat > /etc/edge-inference/credentials/{name}", text);

    private async Task AddDropInAsync(string name, string line)
    {
        await service.WriteAsync($"/etc/systemd/system/{InstalledService.Unit}.d/{name}.conf", $"[Service]\n{line}\n");
        await container.DoAsync("systemctl daemon-reload");
    }

    private Task WaitForRestartAsync(int restarts) => container.WaitAsync(
        "it was started again, and is ready", async () => await service.RestartsAsync() > restarts && await service.IsActiveAsync());

    [GeneratedRegex(" [0-9]{2,} reports wait", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TenOrMoreWait();
}
