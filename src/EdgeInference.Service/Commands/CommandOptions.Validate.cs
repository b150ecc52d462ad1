using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Mqtt;

namespace EdgeInference.Service.Commands;

public sealed partial class CommandOptions : IValidatableObject
{
    /// <summary>Stands for the thing's name, so that many boxes can have one configuration. It is replaced before the options are bound.</summary>
    internal const string ThingPlaceholder = "{thing}";

    internal const string ThingVariable = "AWS_IOT_THING_NAME";

    /// <summary>Where answers go.</summary>
    internal string ReplyTopicOrDefault => ReplyTopic ?? $"{Topic}/reply";

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Topic is not null && FindFault(Topic) is { } fault)
            yield return new ValidationResult(fault, [nameof(Topic)]);
        if (ReplyTopic is null)
            yield break;
        if (Topic is null)
            yield return new ValidationResult($"is required with {nameof(ReplyTopic)}", [nameof(Topic)]);
        if (FindFault(ReplyTopic) is { } replyFault)
            yield return new ValidationResult(replyFault, [nameof(ReplyTopic)]);
        if (ReplyTopic == Topic)
            yield return new ValidationResult($"must be another topic than {nameof(Topic)}: each answer would come back as a command", [nameof(ReplyTopic)]);
    }

    private static string? FindFault(string topic) => topic.Contains(ThingPlaceholder, StringComparison.Ordinal)
        ? $"holds {ThingPlaceholder}, and ${ThingVariable}, which is to say it, is not set: a Greengrass nucleus sets it for its components"
        : MqttTopic.FindFault(topic);
}
