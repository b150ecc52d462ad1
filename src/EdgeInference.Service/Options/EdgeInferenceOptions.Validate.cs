using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Mqtt;

namespace EdgeInference.Service.Options;

public sealed partial class EdgeInferenceOptions : IValidatableObject
{
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
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
}
