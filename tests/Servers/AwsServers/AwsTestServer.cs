namespace EdgeInference.TestServers;

/// <summary>A server that speaks the protocol of an AWS service, on a free port of the loopback.</summary>
internal sealed class AwsTestServer(ServerProcess process, DirectoryInfo? folder) : IAsyncDisposable
{
    /// <summary>What s3rver knows; the other servers take any.</summary>
    public const string AccessKey = "S3RVER";

    public const string SecretKey = "S3RVER";

    public string Url => Address.ToString().TrimEnd('/');

    public Uri Address => process.Address;

    /// <summary>Whether Moto is installed (a Python package, not part of what ./dev test installs).</summary>
    public static bool HasMoto { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(static directory => File.Exists(Path.Combine(directory, "moto_server")));

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        folder?.Delete(recursive: true);
    }
}

/// <summary>Kinesalite: Kinesis Data Streams, checks requests and shards as the service does.</summary>
internal static class KinesaliteServer
{
    public static async Task<AwsTestServer> StartAsync() => new(await ServerProcess.StartNodeAsync("kinesalite.js"), folder: null);
}

/// <summary>S3rver: S3 on a folder, checks access keys.</summary>
internal static class S3rverServer
{
    public static async Task<AwsTestServer> StartAsync(params string[] buckets)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-inference-s3-");
        try
        {
            return new AwsTestServer(await ServerProcess.StartNodeAsync("s3rver.js", [folder.FullName, .. buckets]), folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }
}

/// <summary>Moto: Kinesis and S3, where it is installed.</summary>
internal static class MotoServer
{
    public static async Task<AwsTestServer> StartAsync() =>
        new(await ServerProcess.StartAsync("moto_server", ["-H", "127.0.0.1", "-p", "0"]), folder: null);
}
