using Amazon;
using Amazon.Runtime;

namespace EdgeInference.Publishing.Aws;

/// <summary>What the clients of all AWS services are set to.</summary>
internal static class AwsSettings
{
    /// <summary>A label of a host name: besides the regions of AWS, servers of one's own have names such as "garage" or "auto".</summary>
    public const string RegionPattern = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    /// <summary>What is sent more slowly counts as stalled: half of what a line of 64 kbit/s carries.</summary>
    private const int LeastBytesPerSecond = 4000;

    // The caller backs off and tries for ever; these bridge a dropped connection and a moment of throttling.
    private const int Retries = 2;

    /// <summary>By any of them the SDK may know the address.</summary>
    private static readonly string[] Variables = ["AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_KINESIS", "AWS_PROFILE"];

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For an answer that nothing large is sent for, and for finding the credentials.</summary>
    public static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(20);

    /// <summary>
    /// For one call with all its retries. It grows with what is sent: on a slow line a large picture would else be cut off in its midst,
    /// and again at each attempt.
    /// </summary>
    public static TimeSpan TimeFor(long bytes) => TimeToAnswer + TimeSpan.FromSeconds(bytes / LeastBytesPerSecond);

    /// <summary>Whether nothing that can be asked at once tells where the service is: the SDK may still find a region in its profile, or ask the instance.</summary>
    /// <param name="region">What is configured.</param>
    /// <param name="serviceUrl">What is configured.</param>
    /// <param name="variable">A variable of the environment.</param>
    public static string? FindDoubt(string? region, string? serviceUrl, Func<string, string?> variable) =>
        region is not null || serviceUrl is not null || Variables.Any(name => !string.IsNullOrEmpty(variable(name)))
            ? null
            : $"has no region, unless the AWS SDK finds one in its profile or on the instance: set Region, or {Variables[0]} in the environment";

    public static T Apply<T>(T config, string? region, string? serviceUrl)
        where T : ClientConfig
    {
        config.MaxErrorRetry = Retries;

        // The session ends each call itself, by what the call sends.
        config.Timeout = Timeout.InfiniteTimeSpan;
        config.ConnectTimeout = ConnectTimeout;

        // Neither service redirects what it takes; another address must not be handed the session token.
        config.AllowAutoRedirect = false;
        if (serviceUrl is not null)
            config.ServiceURL = serviceUrl;
        else if (region is not null)
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);

        // An address, which may also come from AWS_ENDPOINT_URL, need not tell the region that a signature is for.
        if (region is not null && config.ServiceURL is not null)
            config.AuthenticationRegion = region;
        return config;
    }
}
