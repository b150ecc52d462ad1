using System.Collections;
using EdgeInference.Publishing.Outbox;

namespace EdgeInference.Publishing.Tests.Outbox;

public sealed class OutboxOptionsTests
{
    [Theory]
    [InlineData("/srv/outbox", "/srv/outbox")]
    [InlineData(null, "/var/lib/edge-inference", "STATE_DIRECTORY=/var/lib/edge-inference:/var/lib/other", "HOME=/root")]
    [InlineData(null, "/state/edge-inference", "XDG_STATE_HOME=/state", "HOME=/root")]
    [InlineData(null, "/root/.local/state/edge-inference", "HOME=/root")]
    [InlineData(null, "/root/.local/state/edge-inference", "STATE_DIRECTORY=", "XDG_STATE_HOME=relative", "HOME=/root")]
    [InlineData(null, null)]
    public void Folder_ConfiguredOrOfTheEnvironment_IsTheFirstThatIsThere(string? configured, string? expected, params string[] environment)
    {
        IDictionary variables = environment.Select(static variable => variable.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]);

        Assert.Equal(expected, new OutboxOptions { Directory = configured }.Folder(variables));
    }
}
