using EdgeInference.Integration.Tests.Packaging;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// A system that boots with nothing in /etc and /var, as Clear Linux does, from the tarball: configured, upgraded, given a version that
/// does not work, removed, installed again and purged.
/// </summary>
internal static class StatelessSystem
{
    private const string Pictures = "/var/lib/edge-inference/pictures";
    private const string Installed = "/usr/lib/edge-inference";

    public static async Task RunAsync(Package package)
    {
        await using Container container = await Container.BootAsync(TestData.InRepository("tests/Integration/Systemd/empty-etc.sh"), package.Tarball);
        var service = new InstalledService(container);
        await service.RunAsync(async () =>
        {
            await ConfigureAsync(container, service);
            await UpgradeAsync(container, service, package);
            await GoBackAsync(container, service);
            await RemoveAsync(container, service);
        });
    }

    /// <summary>The first boot has enabled it; it waits for its configuration without having failed, and starts with it.</summary>
    private static async Task ConfigureAsync(Container container, InstalledService service)
    {
        Assert.Equal("enabled", await container.DoAsync($"systemctl is-enabled {InstalledService.Unit}"));
        Assert.Equal("no", await service.ShowAsync("ConditionResult"));
        Assert.Equal("inactive", await service.ShowAsync("ActiveState"));
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
        await WaitForPicturesAsync(container);
    }

    /// <summary>A newer version takes the place of the old one, of which nothing stays; the same once more changes nothing.</summary>
    private static async Task UpgradeAsync(Container container, InstalledService service, Package package)
    {
        using (FileStream tarball = File.OpenRead(package.Tarball))
        await using (FileStream copy = File.Create(container.PathOf("/root/package.tar.gz")))
            await tarball.CopyToAsync(copy);
        await container.DoAsync("mkdir /root/newer && tar -xzf /root/package.tar.gz -C /root/newer --strip-components=1 && echo newer >> /root/newer/README.md");
        (string old, int main) = (await VersionAsync(container), await service.MainProcessAsync());

        await container.DoAsync("/root/newer/install.sh");
        string newer = await VersionAsync(container);
        Assert.NotEqual(old, newer);
        Assert.NotEqual(main, await service.MainProcessAsync());
        Assert.True(await service.IsActiveAsync());
        Assert.Equal($"{Installed}\n/usr/lib/{newer}", await container.DoAsync("ls -d /usr/lib/edge-inference*"));

        await container.DoAsync("/root/newer/install.sh");
        Assert.Equal(newer, await VersionAsync(container));
        await WaitForPicturesAsync(container);
    }

    /// <summary>A version that does not become ready makes room for the one that did.</summary>
    private static async Task GoBackAsync(Container container, InstalledService service)
    {
        string good = await VersionAsync(container);
        await container.DoAsync("""
            cp -R /root/newer /root/broken && cat > /root/broken/edge-inference && chmod 755 /root/broken/edge-inference
            """, "#!/bin/sh\n[ \"$1\" = run ] || { echo 9.9.9; exit 0; }\necho 'this version is broken' >&2\nexit 1\n");

        ServiceRun install = await container.RunAsync("/root/broken/install.sh");

        Assert.Equal(1, install.ExitCode);
        Assert.Contains("version 9.9.9 does not become ready", install.Log, StringComparison.Ordinal);
        Assert.Contains("this version is broken", install.Log, StringComparison.Ordinal);
        Assert.Contains($"back at {good}, which is ready", install.Log, StringComparison.Ordinal);
        Assert.Equal(good, await VersionAsync(container));
        Assert.True(await service.IsActiveAsync());
        Assert.Equal($"{Installed}\n/usr/lib/{good}", await container.DoAsync("ls -d /usr/lib/edge-inference*"));
        await WaitForPicturesAsync(container);
    }

    private static async Task RemoveAsync(Container container, InstalledService service)
    {
        await container.DoAsync($"{Installed}/uninstall.sh");
        Assert.Equal("not-found", await service.ShowAsync("LoadState"));
        Assert.Equal("inactive", await service.ShowAsync("ActiveState"));
        Assert.Equal("", await container.DoAsync("find /usr -name '*edge-inference*'"));
        await container.DoAsync($"test -s {InstalledService.Configuration} && test -d {Pictures}");

        // With the configuration that stayed, it starts at once.
        await container.DoAsync("/root/newer/install.sh");
        Assert.True(await service.IsActiveAsync());

        await container.DoAsync($"{Installed}/uninstall.sh --purge");
        Assert.Equal("not-found", await service.ShowAsync("LoadState"));
        Assert.Equal("", await container.DoAsync("find /etc /usr /var -name '*edge-inference*' -not -path '/var/log/*'"));
    }

    private static Task<string> VersionAsync(Container container) => container.DoAsync($"readlink {Installed}");

    /// <summary>Waits for pictures that were made from now on.</summary>
    private static async Task WaitForPicturesAsync(Container container)
    {
        string before = await container.DoAsync($"find {Pictures}/ -name '*.jpg' | wc -l");
        await container.WaitAsync("pictures are written", async () => await container.DoAsync($"find {Pictures}/ -name '*.jpg' | wc -l") != before);
    }
}
