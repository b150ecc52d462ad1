using EdgeInference.Integration.Tests.Packaging;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// A Debian that gets the .deb: installed, configured, started, befallen by mishaps, upgraded, removed, given the tarball and the .deb
/// again, and purged.
/// </summary>
internal sealed class DebianSystem
{
    private readonly Package _package;
    private readonly Container _container;
    private readonly InstalledService _service;
    private readonly Mishaps _mishaps;

    private DebianSystem(Package package, Container container, Surroundings around)
    {
        _package = package;
        _container = container;
        _service = new InstalledService(container);
        _mishaps = new Mishaps(container, _service, around);
    }

    public static async Task RunAsync(Package package)
    {
        await using Surroundings around = await Surroundings.StartAsync();
        await using Container container = await Container.BootAsync("true");
        var system = new DebianSystem(package, container, around);
        await system._service.RunAsync(async () =>
        {
            await system.InstallAsync();
            await system._mishaps.ConfigureAsync();
            await system.StartAsync();
            await system._mishaps.BefallAsync();
            await system.UpgradeAsync();
            await system.RemoveAsync();
            await system.TakeTurnsAsync();
            await system.PurgeAsync();
        });
    }

    /// <summary>
    /// It needs ffmpeg, is enabled, and waits for its configuration without having failed. It and install.sh refuse to go over each other.
    /// </summary>
    private async Task InstallAsync()
    {
        File.Copy(_package.Deb, _container.PathOf("/root/edge-inference.deb"));
        ServiceRun refused = await _container.RunAsync("ln -s /elsewhere /usr/lib/edge-inference; dpkg --unpack /root/edge-inference.deb; status=$?; rm /usr/lib/edge-inference; exit $status");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("/usr/lib/edge-inference/uninstall.sh", refused.Log, StringComparison.Ordinal);
        string said = await _container.DoAsync("DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/edge-inference.deb 2>&1");

        Assert.Contains("edge-inference: next: sudo mkdir -p /etc/edge-inference", said, StringComparison.Ordinal);
        Assert.Contains("Remv edge-inference ", await _container.DoAsync("apt-get --simulate remove ffmpeg"), StringComparison.Ordinal);
        Assert.Contains("libssl3 | libssl3t64", await _container.DoAsync("dpkg-query --show --showformat='${Depends}' edge-inference"), StringComparison.Ordinal);
        Assert.Equal("enabled", await _container.DoAsync($"systemctl is-enabled {InstalledService.Unit}"));
        Assert.Equal("no", await _service.ShowAsync("ConditionResult"));
        Assert.Equal("inactive", await _service.ShowAsync("ActiveState"));
        Assert.Equal("success", await _service.ShowAsync("Result"));
        Assert.Contains("no stream is configured", (await _container.RunAsync("edge-inference check")).Log, StringComparison.Ordinal);
        Assert.Contains(
            "for that: sudo edge-inference check", (await _container.RunAsync("setpriv --reuid=nobody --clear-groups edge-inference check")).Log, StringComparison.Ordinal);
        refused = await _container.RunAsync("sh -s", await File.ReadAllTextAsync(_package.File("install.sh")));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the Debian package edge-inference is installed", refused.Log, StringComparison.Ordinal);
        await _container.DoAsync($"systemd-analyze security --threshold=20 --no-pager {InstalledService.Unit}");
    }

    /// <summary>systemctl returns when every stream has inferred; what was a secret stays one.</summary>
    private async Task StartAsync()
    {
        await _container.DoAsync($"systemctl start {InstalledService.Unit}");

        Assert.True(await _service.IsActiveAsync());
        string journal = await _service.JournalAsync();
        Assert.Contains("Started edge-inference.service", journal, StringComparison.Ordinal);
        await _mishaps.WaitForReportsAsync("line1");
        await _mishaps.WaitForReportsAsync("camera");
        await _mishaps.WaitForStatusAsync("2 streams: 2 run");
        await _container.WaitAsync("the journal knows the stream", async () =>
            (await _service.JournalAsync("STREAM=line1")).Contains("function detection", StringComparison.Ordinal));
        Assert.Equal("", await _service.JournalAsync("STREAM=line1 --priority=warning"));

        int main = await _service.MainProcessAsync();
        Assert.DoesNotContain(Surroundings.Password, await _container.DoAsync($"cat /proc/{main}/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'; journalctl --no-pager --output=export"), StringComparison.Ordinal);
        Assert.Equal("0", await _container.DoAsync($"awk '/^CapBnd|^CapPrm/ {{sum += $2}} END {{print sum}}' /proc/{main}/status"));
    }

    /// <summary>The old version runs until the new one takes over, with the same configuration and state.</summary>
    private async Task UpgradeAsync()
    {
        int main = await _service.MainProcessAsync();
        await _container.DoAsync("""
            dpkg-deb --raw-extract /root/edge-inference.deb /root/deb
            sed -i 's/^Version: .*/&.1/' /root/deb/DEBIAN/control
            dpkg-deb --root-owner-group -Znone --build /root/deb /root/newer.deb
            DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/newer.deb 2>&1
            """);

        Assert.EndsWith(".1", await _container.DoAsync("dpkg-query --show --showformat='${Version}' edge-inference"), StringComparison.Ordinal);
        Assert.True(await _service.IsActiveAsync());
        Assert.NotEqual(main, await _service.MainProcessAsync());
        await _mishaps.WaitForReportsAsync("line2");
    }

    private async Task RemoveAsync()
    {
        await _container.DoAsync("apt-get remove --yes edge-inference 2>&1");
        Assert.Equal("inactive", await _service.ShowAsync("ActiveState"));
        Assert.Equal("not-found", await _service.ShowAsync("LoadState"));
        Assert.Equal("", (await _container.RunAsync("grep -l -e edge-inference -e ffmpeg /proc/[0-9]*/comm")).Output);
        await _container.DoAsync($"test -s {InstalledService.Configuration} && test -s {Mishaps.Outbox}");
    }

    /// <summary>The tarball takes the place of the .deb, and that the tarball's: enabled and started each time, with what stayed.</summary>
    private async Task TakeTurnsAsync()
    {
        File.Copy(_package.Tarball, _container.PathOf("/root/package.tar.gz"));
        await _container.DoAsync("mkdir /root/package && tar -xzf /root/package.tar.gz -C /root/package --strip-components=1 && /root/package/install.sh");
        await _mishaps.WaitForReportsAsync("line2");

        // What purging the .deb would do now.
        await _container.DoAsync("/var/lib/dpkg/info/edge-inference.postrm purge");
        await _container.DoAsync($"test -s {InstalledService.Configuration} && test -s {Mishaps.Outbox}");

        await _container.DoAsync("/usr/lib/edge-inference/uninstall.sh && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/newer.deb 2>&1");
        Assert.Equal("enabled", await _container.DoAsync($"systemctl is-enabled {InstalledService.Unit}"));
        Assert.True(await _service.IsActiveAsync());
        await _mishaps.WaitForReportsAsync("line2");
    }

    private async Task PurgeAsync()
    {
        await _container.DoAsync("apt-get purge --yes edge-inference 2>&1");
        Assert.Equal("", await _container.DoAsync("find /etc /opt /usr /var -name '*edge-inference*' -not -path '/var/log/*' -not -path '/var/cache/apt/*'"));
    }
}
