using EdgeInference.Integration.Tests.Packaging;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>
/// The packages on two real systems: a Debian with the .deb, and one that boots with nothing in /etc and /var, as Clear Linux does, with
/// the tarball. Both run side by side, because most of what they do is waiting.
/// </summary>
[Collection(PackagesOnce.Name)]
public sealed class BootTests(BootTests.Boots boots) : IClassFixture<BootTests.Boots>
{
    [Fact]
    public Task Debian_FromTheInstallationToTheRemovalOfThePackage_EveryStepHolds() => boots.Debian;

    [Fact]
    public Task StatelessSystem_FromTheFirstBootToTheRemoval_EveryStepHolds() => boots.Stateless;

    public sealed class Boots(Package package) : IAsyncLifetime
    {
        public Task Debian { get; private set; } = Task.CompletedTask;

        public Task Stateless { get; private set; } = Task.CompletedTask;

        public Task InitializeAsync()
        {
            Debian = DebianSystem.RunAsync(package);
            Stateless = StatelessSystem.RunAsync(package);
            return Task.CompletedTask;
        }

        /// <summary>Their containers end with them, also where a filter has left a test out.</summary>
        public Task DisposeAsync() => Task.WhenAll(Debian, Stateless).ContinueWith(static _ => { }, TaskScheduler.Default);
    }
}
