using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using EdgeInference.Publishing.Aws;

namespace EdgeInference.Publishing.Kinesis;

/// <summary>Puts each report as a record into a stream of Amazon Kinesis Data Streams. Credentials come from where the AWS SDK looks: the environment, a profile, the container, the instance.</summary>
public sealed class KinesisOptions : PublisherOptions, IWebOptions, IValidatableObject
{
    /// <summary>Whether reports are put into the stream <see cref="StreamName"/>.</summary>
    public override bool? Enabled { get; set; } = false;

    /// <summary>The stream's name. Required when enabled.</summary>
    [RegularExpression("[a-zA-Z0-9_.-]{1,128}", ErrorMessage = "must be 1 to 128 letters, digits, '_', '.' or '-'")]
    public string? StreamName { get; set; }

    /// <summary>The partition key of all records, 1 to 256 characters: records with the same key go to the same shard, in order. Default: the name of the report's stream.</summary>
    [StringLength(256, MinimumLength = 1, ErrorMessage = "must be 1 to 256 characters long")]
    public string? PartitionKey { get; set; }

    /// <summary>Chooses the shard in place of a hash of the partition key: a decimal number from 0 to 2^128-1. Default: none.</summary>
    public string? ExplicitHashKey { get; set; }

    /// <summary>The region, such as eu-west-1. Default: what the AWS SDK finds (AWS_REGION, the profile, the instance); with <see cref="ServiceUrl"/> the one in the address, else us-east-1.</summary>
    [RegularExpression(AwsSettings.RegionPattern, ErrorMessage = "must be a region such as eu-west-1")]
    public string? Region { get; set; }

    /// <summary>The http or https address of an endpoint in place of the region's own, such as a VPC endpoint. Default: none.</summary>
    [WebAddress]
    public string? ServiceUrl { get; set; }

    /// <summary>Allows a <see cref="ServiceUrl"/> of http:// to other machines, which shows session token and reports to whoever listens on the way.</summary>
    public bool AllowHttp { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Enabled == true && string.IsNullOrWhiteSpace(StreamName))
            yield return new ValidationResult("is required, because Kinesis is enabled: the stream's name", [nameof(StreamName)]);
        if (ExplicitHashKey is not null && !IsHashKey(ExplicitHashKey))
            yield return new ValidationResult("must be a decimal number from 0 to 2^128-1 without leading zeros", [nameof(ExplicitHashKey)]);
    }

    private static bool IsHashKey(string text) =>
        text.Length is > 0 and <= 39
        && (text.Length == 1 || text[0] != '0')
        && BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger value)
        && value < BigInteger.One << 128;
}
