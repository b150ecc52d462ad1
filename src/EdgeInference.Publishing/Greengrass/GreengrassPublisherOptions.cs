using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Sends reports to AWS IoT Core through the Greengrass nucleus that runs the service as a component.</summary>
public sealed class GreengrassPublisherOptions : PublisherOptions, IValidatableObject
{
    /// <summary>Whether reports go to the nucleus. Default: true where the service is a component.</summary>
    public override bool? Enabled { get; set; }

    /// <summary>1: a report counts as delivered as Confirm says, and may arrive twice. 0: as soon as the nucleus has it, which loses some when its connection to the cloud breaks.</summary>
    [Range(0, 1)]
    public int Qos { get; set; } = 1;

    /// <summary>With Qos 1, what tells that a report has arrived. true: the nucleus subscribes to the report's topic, and it has arrived when it comes back from there; each report is so received once more, which AWS bills. false: the nucleus has taken it, and was there two seconds later, so that a broken connection to the cloud loses some. Default: as with true, but where the component may not subscribe, where none ever comes back, or where others publish far more to the topic, a warning says so, and it is as with false.</summary>
    public bool? Confirm { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Confirm == true && Qos == 0)
            yield return new ValidationResult($"cannot be true with {nameof(Qos)} 0, which waits for nothing", [nameof(Confirm)]);
    }
}
