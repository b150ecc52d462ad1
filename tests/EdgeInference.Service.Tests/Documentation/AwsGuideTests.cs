using System.Collections;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeInference.Publishing;
using EdgeInference.Publishing.Kinesis;
using EdgeInference.Publishing.Mqtt;
using EdgeInference.Publishing.S3;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Options;
using EdgeInference.Service.Streams;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Configuration;

namespace EdgeInference.Service.Tests.Documentation;

/// <summary>
/// Follows docs/aws.md from its first command to its last, with programs in place of aws, curl, ssh and jq that only look at the files they
/// are given; then holds what it has written to the service.
/// </summary>
public sealed partial class AwsGuideTests : IAsyncLifetime
{
    /// <summary>A file that is read has been written before, and those that are asked for are there afterwards.</summary>
    private const string Programs = """
        set -eu
        files() {
            for argument in "$@"; do
                case "$argument" in file://*) test -s "${argument#file://}" || { echo "no file $argument" >&2; exit 1; };; esac
                case "${previous-}" in --*outfile | --output) case "$argument" in *.*) echo made > "$argument";; esac;; esac
                previous=$argument
            done
        }
        aws() {
            files "$@"
            case "$*" in
                *"--query Account "*) echo 123456789012 ;;
                *describe-endpoint*) echo endpoint.example ;;
                *) echo arn:aws:example ;;
            esac
        }
        curl() { files "$@"; }
        ssh() { if [ "$2" = mktemp ]; then echo /tmp/box; else cat > ../remote.sh; fi; }
        jq() { cat > /dev/null; }
        scp() { :; }
        sudo() { :; }
        systemctl() { :; }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");
    private string _guide = "";

    public async Task InitializeAsync()
    {
        _guide = await File.ReadAllTextAsync(TestData.InRepository("docs/aws.md"));
        string[] blocks = [.. Block().Matches(_guide).Select(static block => block.Groups["code"].Value)];
        Assert.True(blocks.Length > 10);
        await File.WriteAllTextAsync(PathOf("guide.sh"), Programs + string.Concat(blocks));
        await RunAsync("bash", "guide.sh");
    }

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("remote.sh")]
    [InlineData("edge-box/edge-inference-credentials")]
    public async Task Guide_ScriptOfTheBox_Parses(string script) => await RunAsync("sh", "-n", script);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Guide_Configuration_IsTakenAndAllowedByThePolicies(bool byEnvironment)
    {
        ServiceConfiguration configuration = Load(byEnvironment);

        Assert.Empty(configuration.Warnings);
        MqttOptions mqtt = configuration.Options.Mqtt;
        StreamOptions stream = Assert.Single(configuration.Options.Streams);
        var kinesis = Assert.IsType<KinesisOptions>(stream.Publishers["Kinesis"]);
        var s3 = Assert.IsType<S3Options>(stream.Publishers["S3"]);
        Assert.True(kinesis.Enabled);
        Assert.True(s3.Enabled);
        Assert.Equal(("eu-central-1", "eu-central-1"), (kinesis.Region, s3.Region));
        Assert.Equal(("endpoint.example", 8883), (mqtt.Host, mqtt.Port));

        const string Iot = "arn:aws:iot:eu-central-1:123456789012:";
        AssertAllows("iot-policy.json", "iot:Connect", $"{Iot}client/{mqtt.ClientId}");
        AssertAllows("iot-policy.json", "iot:RetainPublish", $"{Iot}topic/{mqtt.StatusTopic}");
        AssertAllows("iot-policy.json", "iot:Publish", $"{Iot}topic/{mqtt.StatusTopic}");
        AssertAllows("iot-policy.json", "iot:Publish", Iot + "topic/" + StreamTopic.Default(isDetection: true, isFirst: true, "line1"));
        AssertAllows("iot-policy.json", "iot:Publish", Iot + "topic/" + StreamTopic.Default(isDetection: false, isFirst: true, "line1"));
        AssertAllows("data-policy.json", "kinesis:PutRecords", $"arn:aws:kinesis:eu-central-1:123456789012:stream/{kinesis.StreamName}");
        AssertAllows("data-policy.json", "s3:PutObject", $"arn:aws:s3:::{s3.Bucket}/{s3.Key}");
    }

    [Fact]
    public void Guide_JsonFiles_AreWholeAndNameNoVariable()
    {
        string[] files = Directory.GetFiles(PathOf("edge-box"), "*.json");

        Assert.True(files.Length >= 7);
        Assert.All(files, static file =>
        {
            string text = File.ReadAllText(file);
            Assert.NotNull(JsonNode.Parse(text));
            Assert.DoesNotContain('$', text);
        });
    }

    [Fact]
    public void Guide_FilesOfTheBox_AreWhereTheyAreLookedFor()
    {
        string remote = File.ReadAllText(PathOf("remote.sh"));
        string script = File.ReadAllText(PathOf("edge-box/edge-inference-credentials"));

        Assert.All(CredentialFiles(), file => Assert.True(File.Exists(PathOf($"edge-box/{file}")), file));
        string[] ofScript = [.. FileOfScript().Matches(script).Select(static file => file.Groups["file"].Value)];
        Assert.Equal(3, ofScript.Length);
        Assert.Subset(CredentialFiles().ToHashSet(), ofScript.ToHashSet());
        Assert.Contains("AWS_CONFIG_FILE=/run/credentials/edge-inference.service/edge-inference_aws-config ", remote, StringComparison.Ordinal);
        Assert.Contains("aws-config", CredentialFiles());
        Assert.Contains("credential_process = /usr/local/bin/edge-inference-credentials\n", _guide, StringComparison.Ordinal);
        Assert.Contains("edge-inference-credentials /usr/local/bin/\n", remote, StringComparison.Ordinal);
    }

    private string[] CredentialFiles() => InstalledFiles().Match(File.ReadAllText(PathOf("remote.sh"))).Groups["files"].Value.Split(' ');

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    /// <summary>As on the box, with a certificate that anybody may have made.</summary>
    private ServiceConfiguration Load(bool byEnvironment)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=box", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        DirectoryInfo credentials = _folder.CreateSubdirectory("credentials");
        foreach (string file in CredentialFiles())
            File.WriteAllText(Path.Combine(credentials.FullName, $"edge-inference_{file}"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        var environment = new Hashtable { ["CREDENTIALS_DIRECTORY"] = credentials.FullName };
        var settings = new ConfigurationBuilder();
        if (byEnvironment)
        {
            foreach (string[] variable in File.ReadLines(PathOf("edge-box/environment")).Select(static line => line.Split('=', 2)))
                environment.Add(variable[0], variable[1]);
        }
        else
        {
            settings.AddJsonFile(PathOf("edge-box/appsettings.json"));
        }

        return ServiceConfiguration.Load(settings.Build(), environment, BuiltInPublishers.All);
    }

    /// <summary>A policy holds an action on a resource, by its name or by the part before '*'.</summary>
    private void AssertAllows(string policy, string action, string resource)
    {
        JsonArray statements = JsonNode.Parse(File.ReadAllText(PathOf($"edge-box/{policy}")))!["Statement"]!.AsArray();
        Assert.True(
            statements.Any(statement => Texts(statement!["Action"]!).Contains(action) && Texts(statement["Resource"]!).Any(Covers)),
            $"{policy} does not allow {action} on {resource}");

        bool Covers(string allowed) => allowed.EndsWith('*') ? resource.StartsWith(allowed[..^1], StringComparison.Ordinal) : resource == allowed;
    }

    private static IEnumerable<string> Texts(JsonNode node) => node is JsonArray many ? many.Select(static one => one!.GetValue<string>()) : [node.GetValue<string>()];

    private async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Task<string> output = process.StandardOutput.ReadToEndAsync(hang.Token);
        string error = await process.StandardError.ReadToEndAsync(hang.Token);
        await output;
        await process.WaitForExitAsync(hang.Token);
        Assert.True(process.ExitCode == 0 && error.Length == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }

    [GeneratedRegex("^```sh\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Block();

    [GeneratedRegex("^for file in (?<files>[^;]+);", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex InstalledFiles();

    [GeneratedRegex(@"\$\{files\}_(?<file>[^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex FileOfScript();
}
