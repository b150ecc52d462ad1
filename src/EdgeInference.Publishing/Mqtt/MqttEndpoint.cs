using System.Net;
using System.Text.RegularExpressions;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>What the options come to, with the defaults that depend on the host filled in.</summary>
internal sealed partial class MqttEndpoint
{
    private const string AlpnOfAws = "x-amzn-mqtt-ca";

    public MqttEndpoint(MqttOptions options)
    {
        Host = options.Host ?? throw new ArgumentException("There is no host.", nameof(options));
        bool isAws = AwsHost().IsMatch(Host);
        IsLoopback = Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));
        Tls = options.Tls ?? !IsLoopback;
        Port = options.Port ?? (Tls ? 8883 : 1883);
        Alpn = options.Alpn ?? (isAws && Tls && Port == 443 ? AlpnOfAws : null);
        PublishesPerSecond = options.PublishesPerSecond ?? (isAws ? 100 : 0);
        MaxMessageBytes = options.MaxMessageBytes ?? (isAws ? 128 * 1024 : null);
        ClientId = options.ClientId ?? $"edge-inference-{Environment.MachineName}";
    }

    public string Host { get; }

    public int Port { get; }

    public bool Tls { get; }

    public bool IsLoopback { get; }

    public string? Alpn { get; }

    /// <summary>0 is without limit.</summary>
    public int PublishesPerSecond { get; }

    /// <summary>Of a payload and its topic; null is without limit.</summary>
    public int? MaxMessageBytes { get; }

    public string ClientId { get; }

    /// <summary>Host and port, for people.</summary>
    public string Address => Host.Contains(':', StringComparison.Ordinal) && Host[0] != '[' ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    public string Uri => $"{(Tls ? "mqtts" : "mqtt")}://{Address}";

    [GeneratedRegex(@"\A[a-z0-9-]+(\.ats)?\.iot\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AwsHost();
}
