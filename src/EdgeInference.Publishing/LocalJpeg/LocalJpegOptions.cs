using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>Writes the annotated picture of each report to a folder.</summary>
public sealed class LocalJpegOptions : PublisherOptions, IValidatableObject
{
    /// <summary>Whether pictures are written to <see cref="Directory"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The folder; made when it is not there. Required when enabled.</summary>
    public string? Directory { get; set; }

    /// <summary>Name of a picture below the folder; placeholders {timestamp}, {stream}, {id}, {yyyy}, {MM}, {dd}, {HH}. Default: {stream}/{yyyy}/{MM}/{dd}/{timestamp}.jpg, for the stream of the PARAM_ variables {timestamp}.jpeg. A file of that name that is not in the stream's index, or has another size than there, is left alone: nothing is written until it is moved, or FileName or Directory is changed.</summary>
    [FileNameTemplate]
    public string? FileName { get; set; }

    /// <summary>Pictures that this stream keeps in the folder; for one more, its oldest is deleted. Only pictures that the service wrote are counted and deleted: it lists them in .edge-inference-{stream}.index there, and without that file it leaves them all alone, also where a new picture would have the name of one.</summary>
    [Range(1, 10_000_000)]
    public int MaxFiles { get; set; } = 100_000;

    /// <summary>Size of this stream's pictures in the folder together, in megabytes; beyond it, its oldest are deleted. Streams that share a folder each have their own limit.</summary>
    [Range(1, 100_000_000)]
    public int LimitMegabytes { get; set; } = 1024;

    /// <summary>Age, counted from when the frame was captured, beyond which this stream's pictures are deleted, such as 48h or 30.00:00:00; looked at whenever a picture is written. 0 is no limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Enabled == true && string.IsNullOrWhiteSpace(Directory))
            yield return new ValidationResult("is required, because LocalJpeg is enabled: the folder for the pictures", [nameof(Directory)]);
    }
}
