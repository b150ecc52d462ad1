using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>The version of MQTT.</summary>
public enum MqttProtocol
{
    V5,
    V311,
}

/// <summary>The MQTT broker. All streams share one connection, which is made again whenever it is lost.</summary>
public sealed partial class MqttOptions
{
    /// <summary>The broker's host name or address, without a port. Where it is not set, MQTT is off, and no other option may be set; where it is set to nothing, MQTT is off whatever else is set.</summary>
    public string? Host { get; set; }

    /// <summary>The broker's port. Default: 8883 with TLS, 1883 without.</summary>
    [Range(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Whether the connection is encrypted and the broker's certificate checked. Default: true, but false for a broker on this machine (localhost, 127.x, ::1). Without TLS, reports and the password travel in the clear.</summary>
    public bool? Tls { get; set; }

    /// <summary>A PEM file with the root certificates of a private authority; then only these are trusted. Default: those that the system trusts. A bare file name, here and in the other files of this section, is looked for among the service's credentials first ($CREDENTIALS_DIRECTORY).</summary>
    public string? CaFile { get; set; }

    /// <summary>A PEM file with this client's certificate, followed by intermediate ones where there are any. Read again for each connection.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>A PEM file with the private key of CertificateFile.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The password of KeyFile, where that is encrypted.</summary>
    public string? KeyPassword { get; set; }

    /// <summary>The name of this client at the broker, where it must be the only one of that name: of two, each ends the other's connection. Default: edge-inference- and the machine's name.</summary>
    [StringLength(65535, MinimumLength = 1, ErrorMessage = "{0} is a name of 1 to 65535 characters.")]
    public string? ClientId { get; set; }

    /// <summary>The user name, where the broker wants one.</summary>
    public string? Username { get; set; }

    /// <summary>The password of Username. A file (PasswordFile) keeps it out of the configuration.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the password of Username. Read again for each connection; a line end after the password does not count.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>V5 or V311. Over V311 a broker cannot say that it refuses a report: many pass over it silently.</summary>
    public MqttProtocol Protocol { get; set; }

    /// <summary>How long nothing may be sent before the broker is asked whether it is there, 5 seconds to 18 hours. A broker that is gone is noticed after one and a half times that.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "18:00:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the broker keeps this client's session when the connection is gone, 0 to 30 days; 0 makes each connection a new session. With V311 only whether it is 0 matters: how long is up to the broker.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan SessionExpiry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The protocol named in the TLS handshake (ALPN). Default: x-amzn-mqtt-ca for AWS IoT on port 443, which wants it; else none.</summary>
    [RegularExpression("^[!-~]{1,255}$", ErrorMessage = "{0} is 1 to 255 characters of ASCII without spaces.")]
    public string? Alpn { get; set; }

    /// <summary>Publications in any one second at most, 0 to 10000, over all streams; 0 is without limit. Default: 100 for AWS IoT, which takes no more; else 0.</summary>
    [Range(0, 10_000)]
    public int? PublishesPerSecond { get; set; }

    /// <summary>Bytes of a report and its topic at most, 1 to 268435455; a larger one is set aside. Default: 131072 for AWS IoT, which takes no more; else what the broker says.</summary>
    [Range(1, 268_435_455)]
    public int? MaxMessageBytes { get; set; }

    /// <summary>A topic for this client's state: retained, online while it is connected, offline otherwise (the broker sees to that if need be). {thing} in it is the name of the AWS IoT thing ($AWS_IOT_THING_NAME). Default: none.</summary>
    public string? StatusTopic { get; set; }
}
