using EdgeInference.Integration.Tests.Packaging;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// A system that boots with nothing in /etc and /var, as Clear Linux does, from the tarball: configured, befallen by mishaps, upgraded, given
/// a version that does not work, removed, installed again and purged.
/// </summary>
internal static class StatelessSystem
{
    private const string Pictures = "/var/lib/edge-inference/pictures";
    private const string Installed = "/usr/lib/edge-inference";

    public static async Task RunAsync(Package package)
    {
        await using Surroundings around = await Surroundings.StartAsync();
        await using Container container = await Container.BootAsync(TestData.InRepository("tests/Integration/Systemd/empty-etc.sh"), package.Tarball);
        var service = new InstalledService(container);
        var mishaps = new Mishaps(container, service, around);
        await service.RunAsync(async () =>
        {
            await ConfigureAsync(container, service);
            await mishaps.ConfigureAsync();
            await mishaps.BefallAsync();
            await UpgradeAsync(container, service, package);
            await mishaps.WaitForReportsAsync("line2");
            await GoBackAsync(container, service);
            await mishaps.WaitForReportsAsync("line2");
            await RemoveAsync(container, service);
        });
    }

    /// <summary>The first boot has enabled it; it waits for its configuration without having failed, and starts with it.</summary>
    private static async Task ConfigureAsync(Container container, InstalledService service)
    {
        Assert.Equal("enabled", await container.DoAsync($"systemctl is-enabled {InstalledService.Unit}"));
        Assert.Equal("no", await service.ShowAsync("ConditionResult"));
        Assert.Equal("inactive", await service.ShowAsync("ActiveState"));
        await container.DoAsync($"test ! -e {Installed}/artifacts");
        Assert.Equal("", await container.DoAsync("find /etc -path '*edge-inference*' -not -type l"));

        await service.ConfigureAsync(new
        {
            Streams = new[]
            {
                new
                {
                    Name = "line1",
                    Source = new { Input = "/usr/share/edge-inference/models/demo/conveyor.mp4", Loop = true, RealTime = true },
                    Model = new { Path = "/usr/share/edge-inference/models/parts-detector/parts-detector.xml" },
                    Publishers = new { LocalJpeg = new { Enabled = true, Directory = Pictures } },
                },
            },
        });
        await container.DoAsync("edge-inference check && systemctl start edge-inference");
        Assert.True(await service.IsActiveAsync());
        await container.WaitAsync("pictures are written", async () => await container.DoAsync($"find {Pictures}/ -name '*.jpg' | wc -l") != "0");
    }

    /// <summary>
    /// A newer version takes the place of the old one, of which nothing stays; the same once more changes nothing, but for what was damaged.
    /// </summary>
    private static async Task UpgradeAsync(Container container, InstalledService service, Package package)
    {
        File.Copy(package.Tarball, container.PathOf("/root/package.tar.gz"));
        await container.DoAsync("mkdir /root/newer && tar -xzf /root/package.tar.gz -C /root/newer --strip-components=1 && echo newer >> /root/newer/README.md");
        (string old, int main) = (await VersionAsync(container), await service.MainProcessAsync());

        await container.DoAsync("/root/newer/install.sh");
        string newer = await VersionAsync(container);
        Assert.NotEqual(old, newer);
        Assert.NotEqual(main, await service.MainProcessAsync());
        Assert.True(await service.IsActiveAsync());
        await AssertOnlyAsync(container, newer);

        await container.DoAsync($"mkdir /root/newer/artifacts && touch /root/newer/artifacts/picture.jpg && truncate --size=0 {Installed}/models/parts-detector/labels.json");
        await container.DoAsync("/root/newer/install.sh");
        Assert.Equal(newer, await VersionAsync(container));
        await container.DoAsync($"cmp /root/newer/models/parts-detector/labels.json {Installed}/models/parts-detector/labels.json && test ! -e {Installed}/artifacts");
        Assert.True(await service.IsActiveAsync());
    }

    /// <summary>A version that does not become ready makes room for the one that did; also where its installation was interrupted before.</summary>
    private static async Task GoBackAsync(Container container, InstalledService service)
    {
        string good = await VersionAsync(container);
        await container.DoAsync("""
            cp -R /root/newer /root/broken && cat > /root/broken/edge-inference && chmod 755 /root/broken/edge-inference
            """, "#!/bin/sh\n[ \"$1\" = run ] || { echo 9.9.9; exit 0; }\necho 'this version is broken' >&2\nexit 1\n");

        ServiceRun interrupted = await container.RunAsync("cd /root/broken && sed 's/^bring_up() .*/bring_up() { kill -KILL $$; }/' install.sh | sh -s");
        Assert.NotEqual(0, interrupted.ExitCode);
        Assert.NotEqual(good, await VersionAsync(container));

        ServiceRun install = await container.RunAsync("/root/broken/install.sh");

        Assert.Equal(1, install.ExitCode);
        Assert.Contains("version 9.9.9 does not become ready", install.Log, StringComparison.Ordinal);
        Assert.Contains("this version is broken", install.Log, StringComparison.Ordinal);
        Assert.Contains($"back at {good}, which is ready", install.Log, StringComparison.Ordinal);
        Assert.Equal(good, await VersionAsync(container));
        Assert.True(await service.IsActiveAsync());
        await AssertOnlyAsync(container, good);
    }

    private static async Task RemoveAsync(Container container, InstalledService service)
    {
        await container.DoAsync($"{Installed}/uninstall.sh");
        Assert.Equal("not-found", await service.ShowAsync("LoadState"));
        Assert.Equal("inactive", await service.ShowAsync("ActiveState"));
        Assert.Equal("", await container.DoAsync("find /usr -name '*edge-inference*'"));
        await container.DoAsync($"test -s {InstalledService.Configuration} && test -d {Pictures}");

        // What the administrator has masked is left so; and without that, it starts at once with the configuration that stayed.
        await container.DoAsync($"systemctl mask {InstalledService.Unit}");
        Assert.Contains("is masked", await container.DoAsync("/root/newer/install.sh"), StringComparison.Ordinal);
        Assert.False(await service.IsActiveAsync());
        await container.DoAsync($"systemctl unmask {InstalledService.Unit}");
        await container.DoAsync("/root/newer/install.sh");
        Assert.True(await service.IsActiveAsync());

        await container.DoAsync($"{Installed}/uninstall.sh --purge");
        Assert.Equal("not-found", await service.ShowAsync("LoadState"));
        Assert.Equal("", await container.DoAsync("find /etc /usr /var -name '*edge-inference*' -not -path '/var/log/*'"));
    }

    private static Task<string> VersionAsync(Container container) => container.DoAsync($"readlink {Installed}");

    /// <summary>Of all versions one is left, and it is the one to go back to.</summary>
    private static async Task AssertOnlyAsync(Container container, string version)
    {
        Assert.Equal($"{Installed}\n/usr/lib/{version}\n{Installed}.good", await container.DoAsync("ls -d /usr/lib/edge-inference*"));
        Assert.Equal(version, await container.DoAsync($"readlink {Installed}.good"));
    }
}
