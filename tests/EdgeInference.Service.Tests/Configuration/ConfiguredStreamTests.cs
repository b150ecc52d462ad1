using EdgeInference.Publishing;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

/// <summary>What counts as a change of a stream, and of what all streams share.</summary>
public sealed class ConfiguredStreamTests
{
    [Fact]
    public void Equals_SameSettings_IsTrueWhateverItsPlaceBehindTheFirst()
    {
        ServiceConfiguration three = Load(["a", "b", "c"]);
        ServiceConfiguration two = Load(["a", "c"]);

        Assert.Equal(three.Streams[2], two.Streams[1]);
        Assert.Equal(three.Streams[2].GetHashCode(), two.Streams[1].GetHashCode());
        Assert.Empty(three.ChangedSharedKeys(two));
    }

    [Fact]
    public void Equals_BecomesTheFirst_IsFalseBecauseOfItsTopic()
    {
        ConfiguredStream second = Load(["a", "b"]).Streams[1];
        ConfiguredStream first = Load(["b"]).Streams[0];

        Assert.NotEqual(second, first);
        Assert.Equal("its place in the list", second.DescribeChanges(first));
    }

    [Fact]
    public void ChangedKeys_SettingsDiffer_AreNamedWithoutTheirValues()
    {
        ConfiguredStream before = Load(["a"]).Streams[0];
        ConfiguredStream after = Load(
            ["a"],
            ("EdgeInference:Streams:0:Source:Input", "rtsp://user:swordfish@camera/"),
            ("EdgeInference:Streams:0:Model:Device", "CPU")).Streams[0];

        Assert.NotEqual(before, after);
        Assert.Equal(["Model:Device", "Source:Input"], before.ChangedKeys(after));
        Assert.Equal("Model:Device, Source:Input", before.DescribeChanges(after));
    }

    [Theory]
    [InlineData("Model:Path", true)]
    [InlineData("model:ThreadsPerRequest", true)]
    [InlineData("Preprocessing:Order", true)]
    [InlineData("LabelMap", true)]
    [InlineData("Classification:TopResults", true)]
    [InlineData("Detection:Threshold", true)]
    [InlineData("Function", false)]
    [InlineData("Model:MemoryBudget", false)]
    [InlineData("Model:Device", false)]
    [InlineData("Model:Engine", false)]
    [InlineData("model:performancehint", false)]
    [InlineData("Model:Requests", false)]
    [InlineData("Model:CompileTimeout", false)]
    [InlineData("ReportingInterval", false)]
    [InlineData("Source:Input", false)]
    public void DiffersInModelOnly_OneSettingDiffers_IsTrueForThoseOfTheModel(string key, bool expected)
    {
        ConfiguredStream before = Load(["a"]).Streams[0];
        ConfiguredStream after = before with { Settings = new Dictionary<string, string>(before.Settings, StringComparer.OrdinalIgnoreCase) { [key] = "other" } };

        Assert.Equal(expected, after.DiffersInModelOnly(before));
        Assert.False(after.DiffersInModelOnly(after));
        Assert.False((after with { IsFirst = !before.IsFirst }).DiffersInModelOnly(before));
    }

    [Theory]
    [InlineData("EdgeInference:Mqtt:Host", "broker")]
    [InlineData("Serilog:MinimumLevel:Default", "Debug")]
    public void ChangedSharedKeys_BrokerOrLog_AreNamed(string key, string value)
    {
        ServiceConfiguration changed = Load(["a"], (key, value));

        Assert.Equal([key], changed.ChangedSharedKeys(Load(["a"])));
    }

    private static ServiceConfiguration Load(string[] streams, params (string Key, string Value)[] settings)
    {
        var file = new Dictionary<string, string?>();
        for (int i = 0; i < streams.Length; i++)
        {
            file[$"EdgeInference:Streams:{i}:Name"] = streams[i];
            file[$"EdgeInference:Streams:{i}:Model:Path"] = "m.xml";
            file[$"EdgeInference:Streams:{i}:Source:Input"] = "v.mp4";
        }

        foreach ((string key, string value) in settings)
            file[key] = value;
        return ServiceConfiguration.Load(
            new ConfigurationBuilder().AddInMemoryCollection(file).Build(), new Dictionary<string, string>(), BuiltInPublishers.All);
    }
}
