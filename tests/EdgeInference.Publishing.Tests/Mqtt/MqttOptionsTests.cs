using System.ComponentModel.DataAnnotations;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeInference.Publishing.Tests.Mqtt;

public sealed class MqttOptionsTests : IDisposable
{
    private const string Secret = "canary-secret";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("broker.example.com", true, 8883)]
    [InlineData("192.168.1.10", true, 8883)]
    [InlineData("localhost", false, 1883)]
    [InlineData("127.0.0.2", false, 1883)]
    [InlineData("::1", false, 1883)]
    public void Endpoint_Host_DecidesOnTlsAndPort(string host, bool tls, int port)
    {
        var endpoint = new MqttEndpoint(new MqttOptions { Host = host });

        Assert.Equal((tls, port), (endpoint.Tls, endpoint.Port));
        Assert.Equal((null, 0, null), (endpoint.Alpn, endpoint.PublishesPerSecond, endpoint.MaxMessageBytes));
    }

    [Theory]
    [InlineData("abc123-ats.iot.eu-central-1.amazonaws.com", 443, "x-amzn-mqtt-ca")]
    [InlineData("ABC123.iot.cn-north-1.amazonaws.com.cn", 443, "x-amzn-mqtt-ca")]
    [InlineData("abc123.ats.iot.cn-north-1.amazonaws.com.cn", 443, "x-amzn-mqtt-ca")]
    [InlineData("abc123-ats.iot.eu-central-1.amazonaws.com", null, null)]
    public void Endpoint_AwsHost_HasItsLimits(string host, int? port, string? alpn)
    {
        var endpoint = new MqttEndpoint(new MqttOptions { Host = host, Port = port });

        Assert.Equal((alpn, 100, 131072), (endpoint.Alpn, endpoint.PublishesPerSecond, endpoint.MaxMessageBytes));
    }

    [Fact]
    public void Endpoint_HostThatOnlyEndsLikeAws_HasNoLimits() =>
        Assert.Equal(0, new MqttEndpoint(new MqttOptions { Host = "x.iot.eu-central-1.amazonaws.com.example.org", Port = 443 }).PublishesPerSecond);

    [Fact]
    public void Validate_EverythingRight_FindsNothing()
    {
        CertificateFiles client = _certificates.Client(Secret);
        Assert.Empty(Faults(new MqttOptions
        {
            Host = "my_broker",
            CaFile = _certificates.CaFile,
            CertificateFile = client.Certificate,
            KeyFile = client.Key,
            KeyPassword = Secret,
            Username = "u",
            PasswordFile = _certificates.Write("password", Secret),
            StatusTopic = "edge/status",
        }));
    }

    [Fact]
    public void Validate_OptionsWithoutHost_NamesThem()
    {
        Assert.Empty(Faults(new MqttOptions()));
        Assert.Equal(
            ["CaFile: Host is required with it", "KeepAlive: Host is required with it", "Port: Host is required with it"],
            Faults(new MqttOptions { CaFile = "/nowhere", Port = 8883, KeepAlive = TimeSpan.FromSeconds(10) }));
    }

    [Fact]
    public void Validate_HostSetToNothing_LooksAtNothing() => Assert.Empty(Faults(new MqttOptions { Host = "", CaFile = "/nowhere", Port = 8883 }));

    [Theory]
    [InlineData("mqtts://broker")]
    [InlineData("broker:8883")]
    [InlineData("broker/path")]
    public void Validate_HostThatIsMore_SaysSo(string host) =>
        Assert.Equal(["Host: must be a host name or address alone, without scheme, port or path"], Faults(new MqttOptions { Host = host, Tls = true }));

    [Fact]
    public void Validate_BrokenRules_NamesEach()
    {
        string[] faults = Faults(new MqttOptions
        {
            Host = "localhost",
            CaFile = _certificates.CaFile,
            KeyFile = "/nowhere",
            Password = Secret,
            PasswordFile = _certificates.Write("password", Secret),
            StatusTopic = "a/#",
        });

        Assert.Equal(
            [
                "CaFile: is for TLS, which is off for localhost: set Tls to true",
                "CertificateFile: is required: CertificateFile and KeyFile belong together",
                "PasswordFile: and Password exclude each other",
                "StatusTopic: must not hold '+', '#' or a zero character, which are not for topics that are published to",
                "Username: is required with Password or PasswordFile",
            ],
            faults);
    }

    [Fact]
    public void Validate_Files_AreReadAndNamedWithoutTheirSecrets()
    {
        CertificateFiles client = _certificates.Client(Secret);
        CertificateFiles server = _certificates.Server();
        string noPem = _certificates.Write("no.pem", Secret);
        string missing = Path.Combine(_certificates.Folder, "missing");

        Assert.Equal([$"CaFile: '{missing}' does not exist"], Faults(Tls(options => options.CaFile = missing)));
        Assert.Equal([$"CaFile: '{noPem}' holds no certificate in PEM"], Faults(Tls(options => options.CaFile = noPem)));
        Assert.Equal(
            [$"CaFile: '{server.Certificate}' holds no root certificate, which is one that its own key has signed"],
            Faults(Tls(options => options.CaFile = server.Certificate)));
        Assert.Equal([$"KeyFile: '{client.Key}' is encrypted: KeyPassword is required"], Faults(WithKey(client.Certificate, client.Key, null)));
        Assert.Equal(
            [$"KeyFile: '{client.Key}' cannot be opened with KeyPassword, or is not the key of '{client.Certificate}'"],
            Faults(WithKey(client.Certificate, client.Key, Secret + "-wrong")));
        Assert.Equal(
            [$"KeyFile: '{server.Key}' is no private key in PEM, or not that of '{client.Certificate}'"],
            Faults(WithKey(client.Certificate, server.Key, null)));
        Assert.Equal(
            [$"PasswordFile: '{missing}' does not exist"],
            Faults(Tls(options => (options.Username, options.PasswordFile) = ("u", missing))));
        Assert.Equal(
            [$"PasswordFile: '{_certificates.Folder}' may not be read by this user, or is a folder"],
            Faults(Tls(options => (options.Username, options.PasswordFile) = ("u", _certificates.Folder))));
    }

    [Fact]
    public void Validate_AllFilesAreMissing_NamesThemAll()
    {
        string missing = Path.Combine(_certificates.Folder, "missing");

        Assert.Equal(
            [
                $"CaFile: '{missing}' does not exist",
                $"CertificateFile: '{missing}' does not exist",
                $"KeyFile: '{missing}' does not exist",
                $"PasswordFile: '{missing}' does not exist",
            ],
            Faults(Tls(options => (options.CaFile, options.CertificateFile, options.KeyFile, options.Username, options.PasswordFile) = (missing, missing, missing, "u", missing))));
    }

    [Fact]
    public void Validate_Ranges_AreChecked() => Assert.Equal(
        ["Alpn", "KeepAlive", "MaxMessageBytes", "Port", "PublishesPerSecond", "SessionExpiry"],
        Faults(new MqttOptions
        {
            Host = "broker",
            Port = 0,
            KeepAlive = TimeSpan.FromSeconds(1),
            SessionExpiry = TimeSpan.FromDays(31),
            Alpn = "a b",
            PublishesPerSecond = -1,
            MaxMessageBytes = 0,
        }).Select(static fault => fault.Split(':')[0]));

    [Fact]
    public void Registration_Host_DecidesWhetherItIsOn()
    {
        Assert.True(IsOn(new MqttOptions { Host = "localhost" }));
        Assert.False(IsOn(new MqttOptions()));
        Assert.True(MqttPublisher.Registration.IsDurable);
        Assert.Null(new MqttPublisherOptions().Enabled);

        static bool IsOn(MqttOptions options)
        {
            using ServiceProvider services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddMqtt(options).BuildServiceProvider();
            return MqttPublisher.Registration.IsOnByDefault(services);
        }
    }

    private static MqttOptions Tls(Action<MqttOptions> change)
    {
        var options = new MqttOptions { Host = "broker" };
        change(options);
        return options;
    }

    private static MqttOptions WithKey(string certificate, string key, string? password) =>
        Tls(options => (options.CertificateFile, options.KeyFile, options.KeyPassword) = (certificate, key, password));

    private static string[] Faults(MqttOptions options)
    {
        var results = new List<ValidationResult>();
        var context = new ValidationContext(options);
        Validator.TryValidateObject(options, context, results, validateAllProperties: true);
        string[] faults = [.. results.Select(static result => $"{result.MemberNames.Single()}: {result.ErrorMessage}").Order(StringComparer.Ordinal)];
        Assert.All(faults, static fault => Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal));
        return faults;
    }
}
