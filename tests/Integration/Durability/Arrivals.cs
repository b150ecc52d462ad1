using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EdgeInference.TestServers;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>A report as a server got it.</summary>
internal sealed record Arrival(Guid Id, string Stream, string Payload, bool IsResult);

/// <summary>What each server has in the end, in the order in which it came.</summary>
/// <param name="Mqtt">Results and messages, repeats included.</param>
/// <param name="Kinesis">Results, repeats included.</param>
/// <param name="Webhook">Results, repeats included.</param>
/// <param name="S3">The names of the pictures in the bucket.</param>
/// <param name="LocalJpeg">The names of the pictures in the folder.</param>
internal sealed record Arrivals(
    IReadOnlyList<Arrival> Mqtt,
    IReadOnlyList<Arrival> Kinesis,
    IReadOnlyList<Arrival> Webhook,
    IReadOnlyCollection<string> S3,
    IReadOnlyCollection<string> LocalJpeg)
{
    /// <summary>What a subscriber has got so far. Called again and again, so it looks at ids only.</summary>
    public static int CountMqttIds(Installation installation) =>
        installation.Subscriber.Messages.Select(static message => message.Properties["id"]).Distinct(StringComparer.Ordinal).Count();

    public static async Task<Arrivals> ReadAsync(Installation installation) => new(
        [.. installation.Subscriber.Messages.Select(static message => new Arrival(
            Guid.Parse(message.Properties["id"]), message.Properties["stream"], message.Payload, message.ContentType == "application/json"))],
        [.. (await installation.ReadKinesisAsync()).Select(static record => FromJson(Encoding.UTF8.GetString(record.Data)))],
        [.. installation.Posts.Select(static post => new Arrival(
            Guid.Parse(post.Headers["X-Report-Id"]), post.Headers["X-Stream"], Encoding.UTF8.GetString(post.Body), IsResult: true))],
        await ReadS3Async(installation),
        [.. Directory.EnumerateFiles(installation.Pictures, "*.jpg", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(installation.Pictures, path))]);

    private static Arrival FromJson(string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        return new Arrival(json.RootElement.GetProperty("id").GetGuid(), json.RootElement.GetProperty("stream").GetString()!, payload, IsResult: true);
    }

    /// <summary>Each picture must be the same as the one in the folder, and carry its report's id.</summary>
    private static async Task<List<string>> ReadS3Async(Installation installation)
    {
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(AwsTestServer.AccessKey, AwsTestServer.SecretKey),
            new AmazonS3Config { ServiceURL = installation.S3Address.ToString(), ForcePathStyle = true });
        var keys = new List<string>();

        // Not version 2: with OpenSSL 3, the server cannot make its continuation tokens.
        var request = new ListObjectsRequest { BucketName = Installation.Bucket };
        ListObjectsResponse page;
        do
        {
            page = await client.ListObjectsAsync(request);
            keys.AddRange(page.S3Objects.Select(static found => found.Key));
            request.Marker = keys.LastOrDefault();
        }
        while (page.IsTruncated == true);

        foreach (string key in keys)
        {
            using GetObjectResponse found = await client.GetObjectAsync(Installation.Bucket, key);
            using var bytes = new MemoryStream();
            await found.ResponseStream.CopyToAsync(bytes);
            Assert.Equal(Path.GetFileNameWithoutExtension(key), found.Metadata["report-id"]);

            // Whether it is in both is looked at with the others.
            string local = Path.Combine(installation.Pictures, key);
            Assert.True(
                !File.Exists(local) || (await File.ReadAllBytesAsync(local)).SequenceEqual(bytes.ToArray()), $"{key} is another picture in the bucket than in the folder.");
        }

        return keys;
    }
}
