using System.Collections;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Tests.Streams;

public sealed class ModelLoadingTests
{
    [Theory]
    [InlineData("/mine", "/run/cache", "/xdg", "/home/me", "/mine")]
    [InlineData(null, "/run/cache:/run/other", "/xdg", "/home/me", "/run/cache")]
    [InlineData(null, null, "/xdg", "/home/me", "/xdg/edge-inference")]
    [InlineData(null, null, "relative", "/home/me", "/home/me/.cache/edge-inference")]
    [InlineData(null, "", "", "/home/me", "/home/me/.cache/edge-inference")]
    [InlineData(null, null, null, null, null)]
    public void Folder_OptionAndVariables_FirstThatIsGivenWins(string? option, string? systemd, string? xdg, string? home, string? expected)
    {
        var environment = new Hashtable();
        foreach ((string name, string? value) in new[] { ("CACHE_DIRECTORY", systemd), ("XDG_CACHE_HOME", xdg), ("HOME", home) })
        {
            if (value is not null)
                environment[name] = value;
        }

        Assert.Equal(expected, ModelLoading.Folder(new CacheOptions { Directory = option }, environment));
    }
}
