using System.Net.Sockets;
using EdgeInference.Service.Systemd;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.Tests.Systemd;

public sealed class ServiceNotifierTests
{
    private readonly Manager _manager = new();

    [Fact]
    public void Reload_OfAReadyService_IsReloadingAndThenReady()
    {
        ServiceNotifier notifier = Create();
        notifier.Ready();

        notifier.BeginReload();
        notifier.EndReload();

        Assert.Equal(["READY=1", "RELOADING=1", "READY=1"], _manager.Messages.Select(static message => message.Split('\n')[0]));
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+$", _manager.Messages[1]);
    }

    [Fact]
    public void Reload_BeforeTheServiceIsReady_DoesNotMakeItSeemReady()
    {
        ServiceNotifier notifier = Create();

        notifier.BeginReload();
        notifier.EndReload();

        Assert.Empty(_manager.Messages);
    }

    [Fact]
    public void Ready_NoServiceManager_SaysNothing()
    {
        _manager.IsEnabled = false;

        Create().Ready();

        Assert.Empty(_manager.Messages);
    }

    [Fact]
    public void Status_ServiceManagerIsAway_GoesOn()
    {
        ServiceNotifier notifier = Create();
        _manager.IsAway = true;
        notifier.Status("1 stream: 1 runs");
        _manager.IsAway = false;

        notifier.Status("1 stream: 1 runs");

        Assert.Equal(["STATUS=1 stream: 1 runs"], _manager.Messages);
    }

    private ServiceNotifier Create() => new(_manager, NullLogger<ServiceNotifier>.Instance);

    private sealed class Manager : ISystemdNotifier
    {
        public bool IsEnabled { get; set; } = true;

        public bool IsAway { get; set; }

        public List<string> Messages { get; } = [];

        public void Notify(ServiceState state)
        {
            if (IsAway)
                throw new SocketException((int)SocketError.ConnectionRefused);
            Messages.Add(state.ToString());
        }
    }
}
