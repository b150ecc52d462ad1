using EdgeInference.Integration.Tests.Durability;
using EdgeInference.Integration.Tests.Packaging;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// A Debian that gets the .deb: installed, configured, started, watched, killed, its camera cut, its configuration broken and mended,
/// upgraded, removed and purged. Its camera and its broker, with TLS and a password, are outside.
/// </summary>
internal sealed class DebianSystem(Package package, Container container, Surroundings around)
{
    private const string Folder = "/srv/edge";
    private const string Outbox = "/var/lib/private/edge-inference/outbox.db";

    private readonly InstalledService _service = new(container);

    public static async Task RunAsync(Package package)
    {
        await using Surroundings around = await Surroundings.StartAsync();
        await using Container container = await Container.BootAsync("true");
        var system = new DebianSystem(package, container, around);
        await system._service.RunAsync(async () =>
        {
            await system.InstallAsync();
            await system.ConfigureAsync();
            await system.StartAsync();
            await system.HangAsync();
            await system.KillAsync();
            await system.CutCameraAsync();
            await system.BreakConfigurationAsync();
            await system.UpgradeAsync();
            await system.RemoveAsync();
        });
    }

    /// <summary>
    /// The package's dependencies are resolved; it is enabled, and waits for its configuration without having failed. It and
    /// install.sh refuse to go over each other.
    /// </summary>
    private async Task InstallAsync()
    {
        File.Copy(package.Deb, container.PathOf("/root/edge-inference.deb"));
        ServiceRun refused = await container.RunAsync("ln -s /elsewhere /usr/lib/edge-inference; dpkg --unpack /root/edge-inference.deb; status=$?; rm /usr/lib/edge-inference; exit $status");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("/usr/lib/edge-inference/uninstall.sh", refused.Log, StringComparison.Ordinal);
        string said = await container.DoAsync("DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/edge-inference.deb 2>&1");

        Assert.Contains("edge-inference: next: mkdir -p /etc/edge-inference", said, StringComparison.Ordinal);
        Assert.Equal("enabled", await container.DoAsync($"systemctl is-enabled {InstalledService.Unit}"));
        Assert.Equal("no", await _service.ShowAsync("ConditionResult"));
        Assert.Equal("inactive", await _service.ShowAsync("ActiveState"));
        Assert.Equal("success", await _service.ShowAsync("Result"));
        Assert.Contains("no stream is configured", (await container.RunAsync("edge-inference check")).Log, StringComparison.Ordinal);
        refused = await container.RunAsync("sh -s", await File.ReadAllTextAsync(package.File("install.sh")));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the Debian package edge-inference is installed", refused.Log, StringComparison.Ordinal);
        await container.DoAsync($"systemd-analyze security --threshold=20 --no-pager {InstalledService.Unit}");
    }

    /// <summary>Secrets are root's alone; model and video are those of the groups that own GPUs and cameras.</summary>
    private async Task ConfigureAsync()
    {
        await container.DoAsync("install -d -m 0700 /etc/edge-inference/credentials");
        foreach ((string name, string file) in new[] { ("ca.pem", around.CaFile), ("device.pem", around.Device.Certificate), ("device.key", around.Device.Key) })
            await WriteSecretAsync(name, await File.ReadAllTextAsync(file));
        await WriteSecretAsync("EdgeInference__Mqtt__Password", Surroundings.Password + "\n");
        await container.DoAsync($"""
            mkdir {Folder} && cp /usr/share/edge-inference/models/parts-detector/* /usr/share/edge-inference/models/demo/conveyor.mp4 {Folder}
            chgrp render {Folder}/parts-detector.* && chgrp video {Folder}/conveyor.mp4 && chmod 0640 {Folder}/*.xml {Folder}/*.bin {Folder}/*.mp4
            """);
        await _service.ConfigureAsync(around.Configure(Folder));

        Assert.Contains("The configuration is valid: 2 stream(s).", await container.DoAsync("edge-inference check"), StringComparison.Ordinal);

        // So that what follows takes seconds; the rest is the unit's own.
        await AddDropInAsync("restart", "RestartSec=1");
    }

    /// <summary>systemctl returns when every stream has inferred; what was a secret stays one.</summary>
    private async Task StartAsync()
    {
        await container.DoAsync($"systemctl start {InstalledService.Unit}");

        Assert.True(await _service.IsActiveAsync());
        string journal = await _service.JournalAsync();
        Assert.Contains("Started edge-inference.service", journal, StringComparison.Ordinal);
        await WaitForReportsAsync("line1");
        await WaitForReportsAsync("camera");
        await WaitForStatusAsync("2 streams: 2 run");
        await container.WaitAsync("the journal knows the stream", async () =>
            (await _service.JournalAsync("STREAM=line1")).Contains("function detection", StringComparison.Ordinal));
        Assert.Equal("", await _service.JournalAsync("STREAM=line1 --priority=warning"));

        int main = await _service.MainProcessAsync();
        Assert.DoesNotContain(Surroundings.Password, await container.DoAsync($"cat /proc/{main}/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'; journalctl --no-pager --output=export"), StringComparison.Ordinal);
        Assert.Equal("0", await container.DoAsync($"awk '/^CapBnd|^CapPrm/ {{sum += $2}} END {{print sum}}' /proc/{main}/status"));
    }

    /// <summary>A service that does nothing more is ended and started again.</summary>
    private async Task HangAsync()
    {
        await AddDropInAsync("watchdog", "WatchdogSec=9");
        await container.DoAsync($"systemctl restart {InstalledService.Unit}");
        int restarts = await _service.RestartsAsync();
        await container.DoAsync($"kill -STOP {await _service.MainProcessAsync()}");

        await _service.WaitForJournalAsync("Watchdog timeout");
        await AddDropInAsync("watchdog", "");
        await WaitForRestartAsync(restarts);
    }

    /// <summary>What was committed when the service was killed is delivered.</summary>
    private async Task KillAsync()
    {
        await around.Broker.KillAsync();
        await container.WaitAsync("reports wait for the broker", async () => Waiting().Count > 10 && await _service.IsActiveAsync());
        int restarts = await _service.RestartsAsync();
        int main = await _service.MainProcessAsync();
        await container.DoAsync($"kill -STOP {main}");
        IReadOnlyList<Guid> committed = Waiting();
        await container.DoAsync($"kill -KILL {main}");

        await WaitForRestartAsync(restarts);
        await around.Broker.StartAsync();
        await container.WaitAsync("every committed report has arrived", () => Task.FromResult(committed.All(id => around.Ids().Contains(id.ToString()))));
    }

    /// <summary>A camera that is away is no failure of the service, nor of the other stream.</summary>
    private async Task CutCameraAsync()
    {
        int main = await _service.MainProcessAsync();
        around.Network.Close();

        await _service.WaitForJournalAsync("camera: lost: ");
        await WaitForStatusAsync("2 streams: 1 runs, camera lost");
        await WaitForReportsAsync("line1");
        Assert.True(await _service.IsActiveAsync());

        around.Network.Open();
        await _service.WaitForJournalAsync(" is back");
        await WaitForStatusAsync("2 streams: 2 run");
        await WaitForReportsAsync("camera");
        Assert.Equal(main, await _service.MainProcessAsync());
        Assert.Contains("camera: lost: ", await _service.JournalAsync("STREAM=camera --priority=warning"), StringComparison.Ordinal);
    }

    /// <summary>A running service keeps the configuration it has; one that starts with a wrong one says why, once.</summary>
    private async Task BreakConfigurationAsync()
    {
        int main = await _service.MainProcessAsync();
        await _service.ConfigureAsync(around.Configure(Folder, threshold: "high"));
        await container.DoAsync($"systemctl reload {InstalledService.Unit}");
        await _service.WaitForJournalAsync("EdgeInference:Streams:0:Detection:Threshold: 'high' is not allowed");
        await WaitForReportsAsync("line1");
        Assert.Equal(main, await _service.MainProcessAsync());

        ServiceRun restart = await container.RunAsync($"systemctl restart {InstalledService.Unit}");
        Assert.NotEqual(0, restart.ExitCode);
        Assert.Equal("78", await _service.ShowAsync("ExecMainStatus"));
        Assert.Equal("failed", await _service.ShowAsync("ActiveState"));
        Assert.Equal("0", await _service.ShowAsync("NRestarts"));

        await _service.ConfigureAsync(around.Configure(Folder, threshold: "0.4"));
        await container.DoAsync($"systemctl restart {InstalledService.Unit}");
        await WaitForReportsAsync("line1");

        main = await _service.MainProcessAsync();
        await _service.ConfigureAsync(around.Configure(Folder, threshold: "0.4", name: "line2"));
        await container.DoAsync($"systemctl reload {InstalledService.Unit}");
        await WaitForReportsAsync("line2");
        Assert.Equal(main, await _service.MainProcessAsync());
        Assert.True(await _service.IsActiveAsync());
    }

    /// <summary>The old version runs until the new one takes over, with the same configuration and state.</summary>
    private async Task UpgradeAsync()
    {
        int main = await _service.MainProcessAsync();
        await container.DoAsync("""
            dpkg-deb --raw-extract /root/edge-inference.deb /root/deb
            sed -i 's/^Version: .*/&.1/' /root/deb/DEBIAN/control
            dpkg-deb --root-owner-group -Znone --build /root/deb /root/newer.deb
            DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/newer.deb 2>&1
            """);

        Assert.EndsWith(".1", await container.DoAsync("dpkg-query --show --showformat='${Version}' edge-inference"), StringComparison.Ordinal);
        Assert.True(await _service.IsActiveAsync());
        Assert.NotEqual(main, await _service.MainProcessAsync());
        await WaitForReportsAsync("line2");
    }

    private async Task RemoveAsync()
    {
        await container.DoAsync("apt-get remove --yes edge-inference 2>&1");
        Assert.Equal("inactive", await _service.ShowAsync("ActiveState"));
        Assert.Equal("not-found", await _service.ShowAsync("LoadState"));
        Assert.Equal("", (await container.RunAsync("grep -l -e edge-inference -e ffmpeg /proc/[0-9]*/comm")).Output);
        await container.DoAsync($"test -s {InstalledService.Configuration} && test -s {Outbox}");

        await container.DoAsync("apt-get purge --yes edge-inference 2>&1");
        Assert.Equal("", await container.DoAsync("find /etc /opt /usr /var -name '*edge-inference*' -not -path '/var/log/*' -not -path '/var/cache/apt/*'"));
    }

    private Task<string> WriteSecretAsync(string name, string text) =>
        container.DoAsync($"umask 077 && cat > /etc/edge-inference/credentials/{name}", text);

    private IReadOnlyList<Guid> Waiting()
    {
        OutboxSnapshot outbox = OutboxSnapshot.Take(container.PathOf(Outbox));
        return [.. outbox.Reports.Where(report => report.IsResult && outbox.IsWaiting(report.Id, "Mqtt")).Select(static report => report.Id)];
    }

    /// <summary>Waits for reports of a stream that were made from now on.</summary>
    private async Task WaitForReportsAsync(string stream)
    {
        int before = around.ReportsOf(stream);
        await container.WaitAsync($"reports of {stream} arrive", () => Task.FromResult(around.ReportsOf(stream) > before + 2));
    }

    private Task WaitForStatusAsync(string text) => container.WaitAsync(
        $"the status is '{text}'", async () => (await _service.ShowAsync("StatusText")).Contains(text, StringComparison.Ordinal));

    private async Task AddDropInAsync(string name, string line)
    {
        await _service.WriteAsync($"/etc/systemd/system/{InstalledService.Unit}.d/{name}.conf", $"[Service]\n{line}\n");
        await container.DoAsync("systemctl daemon-reload");
    }

    private Task WaitForRestartAsync(int restarts) => container.WaitAsync(
        "it was started again, and is ready", async () => await _service.RestartsAsync() > restarts && await _service.IsActiveAsync());
}
