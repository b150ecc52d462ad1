using System.Collections;
using EdgeInference.Service.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

public sealed class ServiceFolderTests
{
    [Theory]
    [InlineData("/mine", "/run/cache", "/xdg", "/home/me", "/mine")]
    [InlineData(null, "/run/cache:/run/other", "/xdg", "/home/me", "/run/cache")]
    [InlineData(null, null, "/xdg", "/home/me", "/xdg/edge-inference")]
    [InlineData(null, null, "relative", "/home/me", "/home/me/.cache/edge-inference")]
    [InlineData(null, "", "", "/home/me", "/home/me/.cache/edge-inference")]
    [InlineData(null, null, null, null, null)]
    public void Find_OptionAndVariables_FirstThatIsGivenWins(string? option, string? systemd, string? xdg, string? home, string? expected)
    {
        var environment = new Hashtable();
        foreach ((string name, string? value) in new[] { ("CACHE_DIRECTORY", systemd), ("XDG_CACHE_HOME", xdg), ("HOME", home) })
        {
            if (value is not null)
                environment[name] = value;
        }

        Assert.Equal(expected, ServiceFolder.Cache.Find(option, environment));
    }

    [Fact]
    public void Find_State_IsApartFromTheCache()
    {
        var environment = new Hashtable { ["HOME"] = "/home/me", ["CACHE_DIRECTORY"] = "/run/cache" };

        Assert.Equal("/home/me/.local/state/edge-inference", ServiceFolder.State.Find(null, environment));
        environment["STATE_DIRECTORY"] = "/var/lib/edge-inference";
        Assert.Equal("/var/lib/edge-inference", ServiceFolder.State.Find(null, environment));
    }
}
