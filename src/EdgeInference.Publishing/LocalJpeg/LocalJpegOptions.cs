using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>Writes the annotated picture of each report to a folder.</summary>
public sealed class LocalJpegOptions : PublisherOptions, IValidatableObject
{
    /// <summary>Whether pictures are written to <see cref="Directory"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The folder; made when it is not there. Required when enabled.</summary>
    public string? Directory { get; set; }

    /// <summary>Name of a picture below the folder; placeholders {timestamp}, {stream}, {id}, {yyyy}, {MM}, {dd}, {HH}. Default: {stream}/{yyyy}/{MM}/{dd}/{timestamp}.jpg, for the stream of the PARAM_ variables {timestamp}.jpeg.</summary>
    [FileNameTemplate]
    public string? FileName { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Enabled == true && string.IsNullOrWhiteSpace(Directory))
            yield return new ValidationResult("names the folder for the pictures and is required when the publisher is enabled", [nameof(Directory)]);
    }
}
