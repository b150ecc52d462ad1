using System.Collections;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Reporting;
using EdgeInference.Service.Commands;
using EdgeInference.Service.Options;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Configuration;

/// <summary>{thing} in topics stands for the name of the AWS IoT thing, so that many boxes with one configuration have topics of their own.</summary>
internal static class ThingName
{
    private const string Placeholder = "{thing}";

    /// <summary>Set by a Greengrass nucleus for its components, and by anybody else who likes.</summary>
    private const string Variable = "AWS_IOT_THING_NAME";

    private static readonly string[] SharedTopics =
    [
        $"{nameof(EdgeInferenceOptions.Commands)}:{nameof(CommandOptions.Topic)}",
        $"{nameof(EdgeInferenceOptions.Commands)}:{nameof(CommandOptions.ReplyTopic)}",
        $"{nameof(EdgeInferenceOptions.Mqtt)}:{nameof(MqttOptions.StatusTopic)}",
    ];

    /// <summary>The topics that hold it, with the name in its place; none where the environment does not say the name.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Replace(IConfigurationSection section, IDictionary environment) =>
        environment[Variable] is not string { Length: > 0 } thing ? [] : FindTopics(section)
            .Select(topic => KeyValuePair.Create(topic.Path, topic.Value?.Replace(Placeholder, thing, StringComparison.Ordinal)));

    /// <summary>Those that still hold it.</summary>
    public static IEnumerable<ConfigurationFault> FindFaults(IConfigurationSection section) => FindTopics(section).Select(static topic =>
        new ConfigurationFault(topic.Path, $"holds {Placeholder}, and ${Variable}, which is to say the name, is not set: a Greengrass nucleus sets it for its components"));

    private static IEnumerable<IConfigurationSection> FindTopics(IConfigurationSection section) => SharedTopics
        .Select(section.GetSection)
        .Concat(section.GetSection(nameof(EdgeInferenceOptions.Streams)).GetChildren().Select(static stream => stream.GetSection(nameof(ReportingOptions.TopicName))))
        .Where(static topic => topic.Value?.Contains(Placeholder, StringComparison.Ordinal) == true);
}
