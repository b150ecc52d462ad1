using System.Collections;
using EdgeInference.Publishing;
using EdgeInference.Service.Commands;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Tests.Commands;

public sealed class CommandOptionsTests
{
    private const string TopicKey = "EdgeInference:Commands:Topic";
    private const string ThingIsMissing = "holds {thing}, and $AWS_IOT_THING_NAME, which is to say the name, is not set: a Greengrass nucleus sets it for its components";
    private const string ReplyTopicKey = "EdgeInference:Commands:ReplyTopic";

    private readonly Hashtable _environment = [];
    private readonly Dictionary<string, string?> _file = new(StringComparer.Ordinal)
    {
        ["EdgeInference:Mqtt:Host"] = "localhost",
        ["EdgeInference:Mqtt:StatusTopic"] = "box/status",
        ["EdgeInference:Streams:0:Model:Path"] = "m.xml",
        ["EdgeInference:Streams:0:Source:Input"] = "v.mp4",
        ["EdgeInference:Streams:1:Model:Path"] = "m.xml",
        ["EdgeInference:Streams:1:Source:Input"] = "v.mp4",
        ["EdgeInference:Streams:1:Name"] = "gate",
        ["EdgeInference:Streams:2:Model:Path"] = "m.xml",
        ["EdgeInference:Streams:2:Source:Input"] = "v.mp4",
        ["EdgeInference:Streams:2:TopicName"] = "hall/7",
    };

    [Fact]
    public void Load_NothingIsSet_TakesNoCommands() => Assert.Null(Load().Topic);

    [Fact]
    public void Load_Topic_GivesAReplyTopic()
    {
        _file[TopicKey] = "box/commands";

        Assert.Equal(("box/commands", "box/commands/reply"), (Load().Topic, Load().ReplyTopicOrDefault));
    }

    [Fact]
    public void Load_ThingInTheTopics_IsReplacedByItsName()
    {
        _file[TopicKey] = "fleet/{thing}/commands";
        _environment["EdgeInference__Commands__ReplyTopic"] = "fleet/{thing}/{thing}/answers";
        _environment["AWS_IOT_THING_NAME"] = "box7";

        CommandOptions options = Load();

        Assert.Equal(("fleet/box7/commands", "fleet/box7/box7/answers"), (options.Topic, options.ReplyTopicOrDefault));
    }

    [Fact]
    public void Load_ThingWithoutAName_SaysWhatIsMissing()
    {
        _file[TopicKey] = "fleet/{thing}/commands";

        AssertFault(TopicKey, ThingIsMissing);
    }

    /// <summary>A fleet that shares a configuration has the same needs elsewhere.</summary>
    [Fact]
    public void Load_ThingInOtherTopics_IsReplacedByItsName()
    {
        _file["EdgeInference:Mqtt:StatusTopic"] = "fleet/{thing}/status";
        _file["EdgeInference:Streams:2:TopicName"] = "fleet/{thing}/hall";
        _environment["PARAM_TOPIC_NAME"] = "fleet/{thing}/reports";
        _environment["AWS_IOT_THING_NAME"] = "box7";

        EdgeInferenceOptions options = LoadAll().Options;

        Assert.Equal("fleet/box7/status", options.Mqtt.StatusTopic);
        Assert.Equal(["fleet/box7/reports", null, "fleet/box7/hall"], options.Streams.Select(static stream => stream.TopicName));
    }

    [Theory]
    [InlineData("EdgeInference:Mqtt:StatusTopic")]
    [InlineData("EdgeInference:Streams:2:TopicName")]
    [InlineData("PARAM_TOPIC_NAME")]
    public void Load_ThingWithoutANameInOtherTopics_SaysWhatIsMissing(string key)
    {
        if (key.StartsWith("PARAM_", StringComparison.Ordinal))
            _environment[key] = "fleet/{thing}";
        else
            _file[key] = "fleet/{thing}";

        AssertFault(key, ThingIsMissing);
    }

    /// <summary>A name with a wildcard would have this box take the commands of others.</summary>
    [Fact]
    public void Load_ThingWithAWildcard_IsRefused()
    {
        _file[TopicKey] = "fleet/{thing}/commands";
        _environment["AWS_IOT_THING_NAME"] = "+";

        AssertFault(TopicKey, "must not hold '+', '#' or a zero character, which are not for topics that are published to");
    }

    [Theory]
    [InlineData("fleet/+/commands", "must not hold '+'")]
    [InlineData("#", "must not hold '+'")]
    [InlineData("box/status", "must be another topic than Mqtt:StatusTopic")]
    [InlineData("hall/7", "must be another topic than that of the reports of stream stream3")]
    [InlineData("openvino/ssd", "must be another topic than that of the reports of stream stream1")]
    [InlineData("openvino/classification/gate", "must be another topic than that of the reports of stream gate")]
    public void Load_TopicThatCannotBe_SaysWhy(string topic, string fault)
    {
        _file[TopicKey] = topic;

        AssertFault(TopicKey, fault);
    }

    [Theory]
    [InlineData("box/commands", "must be another topic than Topic: each answer would come back as a command")]
    [InlineData("box/#", "must not hold '+'")]
    public void Load_ReplyTopicThatCannotBe_SaysWhy(string topic, string fault)
    {
        (_file[TopicKey], _file[ReplyTopicKey]) = ("box/commands", topic);

        AssertFault(ReplyTopicKey, fault);
    }

    [Fact]
    public void Load_ReplyTopicAlone_MissesTheTopic()
    {
        _file[ReplyTopicKey] = "box/answers";

        AssertFault(TopicKey, "is required with ReplyTopic");
    }

    [Fact]
    public void Load_NoBroker_SaysThatCommandsNeedOne()
    {
        _file.Remove("EdgeInference:Mqtt:Host");
        _file.Remove("EdgeInference:Mqtt:StatusTopic");
        _file[TopicKey] = "box/commands";

        AssertFault(TopicKey, "needs a broker (EdgeInference:Mqtt:Host, in the environment EdgeInference__Mqtt__Host), or the service to run as a Greengrass component: ");

        _environment["AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT"] = "/greengrass/v2/ipc.socket";
        _environment["SVCUID"] = "token";
        Assert.Equal("box/commands", Load().Topic);
    }

    [Fact]
    public void ChangedSharedKeys_OtherTopic_IsAChangeOfWhatAllStreamsShare()
    {
        ServiceConfiguration before = LoadAll();
        _file[TopicKey] = "box/commands";

        Assert.Equal([TopicKey], LoadAll().ChangedSharedKeys(before));
    }

    private void AssertFault(string key, string message)
    {
        var exception = Assert.Throws<ConfigurationException>(Load);
        ConfigurationFault fault = Assert.Single(exception.Faults);
        Assert.Equal(key, fault.Key);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    private CommandOptions Load() => LoadAll().Options.Commands;

    private ServiceConfiguration LoadAll() => ServiceConfiguration.Load(
        new ConfigurationBuilder().AddInMemoryCollection(_file).Build(), _environment, BuiltInPublishers.All);
}
