using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.Options;

public sealed partial class EdgeInferenceOptions : IValidatableObject
{
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Commands.Topic is not null)
        {
            foreach (string fault in FaultsOfCommandTopic(Commands.Topic))
                yield return new ValidationResult(fault, [$"{nameof(Commands)}:{nameof(Commands.Topic)}"]);
        }

        for (int i = 0; i < Streams.Count; i++)
        {
            if (Streams[i].TopicName is { } topic && MqttTopic.FindFault(topic) is { } fault)
                yield return new ValidationResult(fault, [$"{nameof(Streams)}:{i}:{nameof(StreamOptions.TopicName)}"]);
        }

        if (!string.IsNullOrEmpty(Mqtt.Host))
            yield break;
        for (int i = 0; i < Streams.Count; i++)
        {
            foreach ((string name, PublisherOptions publisher) in Streams[i].Publishers)
            {
                if (publisher is MqttPublisherOptions { Enabled: true })
                    yield return new ValidationResult("needs a broker: set EdgeInference:Mqtt:Host (in the environment EdgeInference__Mqtt__Host)", [$"{nameof(Streams)}:{i}:{nameof(StreamOptions.Publishers)}:{name}:{nameof(publisher.Enabled)}"]);
            }
        }
    }

    /// <summary>What is published where commands come from would be taken for a command, and answered.</summary>
    private IEnumerable<string> FaultsOfCommandTopic(string topic)
    {
        if (topic == Mqtt.StatusTopic)
            yield return $"must be another topic than {nameof(Mqtt)}:{nameof(Mqtt.StatusTopic)}";
        for (int i = 0; i < Streams.Count; i++)
        {
            string name = Streams[i].Name ?? ServiceConfiguration.DefaultStreamName(i);
            string[] topics = Streams[i].TopicName is { } explicitly
                ? [explicitly]
                : [StreamTopic.Default(isDetection: true, i == 0, name), StreamTopic.Default(isDetection: false, i == 0, name)];
            if (topics.Contains(topic))
                yield return $"must be another topic than that of the reports of stream {name}";
        }
    }
}
