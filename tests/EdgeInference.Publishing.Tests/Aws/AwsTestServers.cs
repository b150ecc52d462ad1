using Amazon.Runtime;
using Amazon.S3;
using EdgeInference.TestServers;

namespace EdgeInference.Publishing.Tests.Aws;

/// <summary>The servers that the tests share; each test has streams or keys of its own.</summary>
public sealed class AwsTestServers : IAsyncLifetime
{
    /// <summary>There from the start.</summary>
    internal const string Bucket = "pictures";

    private readonly Dictionary<string, AwsTestServer> _servers = new(StringComparer.Ordinal);

    public static TheoryData<string> OfKinesis => WithMoto("kinesalite");

    public static TheoryData<string> OfS3 => WithMoto("s3rver");

    internal AwsTestServer this[string name] => _servers[name];

    internal static BasicAWSCredentials Credentials { get; } = new(AwsTestServer.AccessKey, AwsTestServer.SecretKey);

    public async Task InitializeAsync()
    {
        _servers["kinesalite"] = await KinesaliteServer.StartAsync();
        _servers["s3rver"] = await S3rverServer.StartAsync(Bucket);
        if (!AwsTestServer.HasMoto)
            return;
        _servers["moto"] = await MotoServer.StartAsync();
        using AmazonS3Client client = S3Client("moto");
        await client.PutBucketAsync(Bucket);
    }

    /// <summary>The SDK's own client, to look at what is in a server.</summary>
    internal AmazonS3Client S3Client(string server) =>
        new(Credentials, new AmazonS3Config { ServiceURL = this[server].Url, ForcePathStyle = true });

    public async Task DisposeAsync()
    {
        foreach (AwsTestServer server in _servers.Values)
            await server.DisposeAsync();
    }

    private static TheoryData<string> WithMoto(string name)
    {
        var names = new TheoryData<string> { name };
        if (AwsTestServer.HasMoto)
            names.Add("moto");
        return names;
    }
}

[CollectionDefinition(Name)]
public sealed class AwsTests : ICollectionFixture<AwsTestServers>
{
    internal const string Name = nameof(AwsTests);
}
