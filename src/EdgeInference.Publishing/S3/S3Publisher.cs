using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EdgeInference.Publishing.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeInference.Publishing.S3;

/// <summary>One object a picture. The key is made of the report alone, so that a report that is sent again replaces itself.</summary>
internal sealed class S3Publisher : IPublisher
{
    private readonly AwsSession<AmazonS3Client> _session;
    private readonly FileNameTemplate _key;
    private readonly string _bucket;
    private readonly string _inferenceDevice;

    /// <param name="options">Its options, valid.</param>
    /// <param name="context">The stream.</param>
    /// <param name="timeProvider">The clock of the deadlines.</param>
    /// <param name="credentials">Null: what the SDK finds.</param>
    public S3Publisher(S3Options options, PublisherContext context, TimeProvider timeProvider, AWSCredentials? credentials)
    {
        _bucket = options.Bucket!;
        Destination = $"s3://{_bucket}/";
        _key = new FileNameTemplate(options.Key ?? (context.IsParamStream ? FileNameTemplate.OfSamples : FileNameTemplate.OfStreams));
        _inferenceDevice = context.InferenceDevice;
        _session = new AwsSession<AmazonS3Client>(
            Destination,
            () => new AmazonS3Client(credentials, ConfigOf(options)),
            hasCredentials: credentials is not null,
            timeProvider);
    }

    public static PublisherRegistration Registration { get; } = new(
        "S3",
        typeof(S3Options),
        static (services, context, options) =>
            new S3Publisher((S3Options)options, context, services.GetRequiredService<TimeProvider>(), credentials: null))
    {
        IsDurable = true,
        FindDoubt = static options => AwsSettings.FindDoubt(((S3Options)options).Region, ((S3Options)options).ServiceUrl, Environment.GetEnvironmentVariable),
    };

    public bool WantsJpeg => true;

    public string Destination { get; }

    public async ValueTask PublishAsync(Report report, CancellationToken cancellationToken)
    {
        if (report.Jpeg is not { } jpeg)
            return;
        string checksum = Convert.ToBase64String(SHA256.HashData(jpeg.Span));
        await _session.CallAsync(
            jpeg.Length,
            async (client, token) =>
            {
                using Stream picture = AsStream(jpeg);
                return await client.PutObjectAsync(RequestFor(report, picture, checksum), token);
            },
            cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    private static AmazonS3Config ConfigOf(S3Options options)
    {
        AmazonS3Config config = AwsSettings.Apply(new AmazonS3Config(), options.Region, options.ServiceUrl);
        config.ForcePathStyle = options.PathStyle ?? options.ServiceUrl is not null;

        // Our checksum is in the request; another one would come behind the body, in chunks that not every server takes.
        config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
        config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        return config;
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> jpeg) => MemoryMarshal.TryGetArray(jpeg, out ArraySegment<byte> array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(jpeg.ToArray(), writable: false);

    private PutObjectRequest RequestFor(Report report, Stream bytes, string checksum)
    {
        var request = new PutObjectRequest
        {
            BucketName = _bucket,
            Key = S3Names.Key(_key.NameOf(report)),
            InputStream = bytes,
            AutoCloseStream = false,
            ContentType = "image/jpeg",
            ChecksumSHA256 = checksum,
            UseChunkEncoding = false,
        };
        Describe("report-id", report.Id.ToString());
        Describe("stream", report.Stream);
        Describe("model", report.Model);
        Describe("device", Environment.MachineName);
        Describe("inference-device", _inferenceDevice);
        Describe("timestamp", report.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        return request;

        void Describe(string name, string value) => request.Metadata[name] = S3Names.MetadataValue(value);
    }
}
