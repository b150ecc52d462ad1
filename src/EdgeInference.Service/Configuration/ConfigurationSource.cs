using System.Threading.Channels;
using EdgeInference.Service.Reloading;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>A configuration as it was read.</summary>
/// <param name="Service">The bound one.</param>
/// <param name="File">The settings of the files, for sections that are not ours.</param>
internal sealed record LoadedConfiguration(ServiceConfiguration Service, IConfiguration File);

/// <summary>Where the configuration comes from: it can be read again while the service runs.</summary>
internal sealed class ConfigurationSource(Func<LoadedConfiguration> load, IReadOnlyList<string> files)
{
    // One that waits stands for all that come before it is seen to.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The files that it is read from, whether they are there or not; none where flags of the command line say it all.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>The changes of the files since before they were first read, also those that come while nobody looks.</summary>
    public SettledChange Changes { get; } = new(files);

    /// <summary>Holds an item when somebody has asked for it to be read again.</summary>
    public ChannelReader<bool> Requests => _requests.Reader;

    public void RequestReload() => _requests.Writer.TryWrite(true);

    /// <exception cref="ConfigurationException">Something is wrong; it lists everything that is.</exception>
    public LoadedConfiguration Load() => load();
}
