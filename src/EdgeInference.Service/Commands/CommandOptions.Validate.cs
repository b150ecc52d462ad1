using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing;

namespace EdgeInference.Service.Commands;

public sealed partial class CommandOptions : IValidatableObject
{
    /// <summary>Where answers go.</summary>
    internal string ReplyTopicOrDefault => ReplyTopic ?? $"{Topic}/reply";

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Topic is not null && MqttTopic.FindFault(Topic) is { } fault)
            yield return new ValidationResult(fault, [nameof(Topic)]);
        if (ReplyTopic is null)
            yield break;
        if (Topic is null)
            yield return new ValidationResult($"is required with {nameof(ReplyTopic)}", [nameof(Topic)]);
        if (MqttTopic.FindFault(ReplyTopic) is { } replyFault)
            yield return new ValidationResult(replyFault, [nameof(ReplyTopic)]);
        if (ReplyTopic == Topic)
            yield return new ValidationResult($"must be another topic than {nameof(Topic)}: each answer would come back as a command", [nameof(ReplyTopic)]);
    }
}
