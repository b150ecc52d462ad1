using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Aws;

namespace EdgeInference.Publishing.S3;

/// <summary>Puts the annotated picture of each report into a bucket of Amazon S3, or of a server that speaks its protocol. Credentials come from where the AWS SDK looks: the environment, a profile, the container, the instance.</summary>
public sealed class S3Options : PublisherOptions, IWebOptions, IValidatableObject
{
    /// <summary>Whether pictures are put into <see cref="Bucket"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The bucket's name. Required when enabled.</summary>
    [RegularExpression(@"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", ErrorMessage = "must be a bucket's name: 3 to 63 small letters, digits, '.' and '-', between letters or digits")]
    public string? Bucket { get; set; }

    /// <summary>The key of a picture in the bucket; placeholders {timestamp}, {stream}, {id}, {yyyy}, {MM}, {dd}, {HH}. Default: {stream}/{yyyy}/{MM}/{dd}/{timestamp}.jpg, for the stream of the PARAM_ variables {timestamp}.jpeg.</summary>
    [FileNameTemplate]
    public string? Key { get; set; }

    /// <summary>The region, such as eu-west-1. Default: what the AWS SDK finds (AWS_REGION, the profile, the instance); with <see cref="ServiceUrl"/> the one in the address, else us-east-1.</summary>
    [RegularExpression(AwsSettings.RegionPattern, ErrorMessage = "must be a region such as eu-west-1")]
    public string? Region { get; set; }

    /// <summary>The http or https address of a server in place of the region's own, such as a VPC endpoint or MinIO. Default: none.</summary>
    [WebAddress]
    public string? ServiceUrl { get; set; }

    /// <summary>Allows a <see cref="ServiceUrl"/> of http:// to other machines, which shows session token and pictures to whoever listens on the way.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Whether the bucket is named in the path of the address and not in its host. Default: true with <see cref="ServiceUrl"/>, otherwise false.</summary>
    public bool? PathStyle { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Enabled == true && string.IsNullOrWhiteSpace(Bucket))
            yield return new ValidationResult("is required, because S3 is enabled: the bucket's name", [nameof(Bucket)]);
    }
}
