using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Publishing.Webhook;
using EdgeInference.Service.Configuration;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Tests.Configuration;

public sealed class CredentialsTests : IDisposable
{
    private const string Authorization = "EdgeInference__Streams__0__Publishers__Webhook__Authorization";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");
    private readonly Hashtable _environment = [];
    private readonly Dictionary<string, string?> _file = new(StringComparer.Ordinal)
    {
        ["EdgeInference:Streams:0:Model:Path"] = "m.xml",
        ["EdgeInference:Streams:0:Source:Input"] = "v.mp4",
        ["EdgeInference:Mqtt:Host"] = "broker.example",
        ["EdgeInference:Mqtt:Username"] = "box",
    };

    public CredentialsTests() => _environment["CREDENTIALS_DIRECTORY"] = _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("device.key")]
    [InlineData("edge-inference_device.key")]
    public void Load_EveryFileOfMqttIsABareName_IsFoundAmongTheCredentials(string name)
    {
        // A root, a certificate, its key and a text: all that is asked of these files.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=box", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Add(name, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        PropertyInfo[] files = [.. typeof(MqttOptions).GetProperties().Where(static property => property.Name.EndsWith("File", StringComparison.Ordinal))];
        foreach (PropertyInfo file in files)
            _file[$"EdgeInference:Mqtt:{file.Name}"] = "device.key";

        MqttOptions options = Load().Options.Mqtt;

        Assert.Equal(4, files.Length);
        Assert.All(files, file => Assert.Equal(Path.Combine(_folder.FullName, name), file.GetValue(options)));
    }

    [Theory]
    [InlineData("/device.key", "does not exist")]
    [InlineData("./device.key", "does not exist")]
    [InlineData("other.key", "is neither in {0} nor among the service's credentials")]
    public void Load_FileIsNoCredential_StaysAsItIs(string path, string expected)
    {
        Add("edge-inference_device.key", "");
        _file["EdgeInference:Mqtt:PasswordFile"] = path;

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults);

        Assert.StartsWith($"'{path}' {string.Format(CultureInfo.InvariantCulture, expected, Directory.GetCurrentDirectory())}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CredentialNamedLikeAKey_SetsIt()
    {
        Add("edge-inference_EdgeInference__Mqtt__Password", "one two\n");
        Add(Authorization, "Bearer three");

        ServiceConfiguration configuration = Load();

        Assert.Equal("one two", configuration.Options.Mqtt.Password);
        Assert.Equal("Bearer three", Assert.IsType<WebhookOptions>(configuration.Options.Streams[0].Publishers["Webhook"]).Authorization);
    }

    [Fact]
    public void Load_SameKeyInAllPlaces_TheEnvironmentWinsThenTheCredentialThenTheFile()
    {
        _file["EdgeInference:Mqtt:Password"] = "of the file";
        Assert.Equal("of the file", Load().Options.Mqtt.Password);

        Add("edge-inference_EdgeInference__Mqtt__Password", "of the administrator's folder");
        Assert.Equal("of the administrator's folder", Load().Options.Mqtt.Password);

        Add("EdgeInference__Mqtt__Password", "of the unit");
        Assert.Equal("of the unit", Load().Options.Mqtt.Password);

        _environment["EdgeInference__Mqtt__Password"] = "of the environment";
        Assert.Equal("of the environment", Load().Options.Mqtt.Password);
    }

    [Theory]
    [InlineData("EdgeInference__Mqtt__Port", "EdgeInference:Mqtt:Port")]
    [InlineData("EdgeInference__Mqtt__Pasword", "EdgeInference:Mqtt:Pasword")]
    [InlineData("EdgeInference__Mqtt__Alpn", "EdgeInference:Mqtt:Alpn")]
    [InlineData(Authorization, "EdgeInference:Streams:0:Publishers:Webhook:Authorization")]
    public void Load_CredentialIsWrong_TheFaultNamesItAndDoesNotShowIt(string name, string key)
    {
        Add(name, "tea4two\u00e9");

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(Load).Faults);

        Assert.Equal(key, fault.Key);
        Assert.DoesNotContain("tea4two", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData(null)]
    public void Load_NoCredentials_GoesOnWithout(string? folder)
    {
        _environment["CREDENTIALS_DIRECTORY"] = folder;

        Assert.Null(Load().Options.Mqtt.Password);
    }

    private void Add(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private ServiceConfiguration Load() => ServiceConfiguration.Load(
        new ConfigurationBuilder().AddInMemoryCollection(_file).Build(), _environment, BuiltInPublishers.All);
}
