using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>What the packages bring for the service: its unit, its command, its first configuration, and the scripts.</summary>
[Collection(PackagesOnce.Name)]
public sealed partial class InstallationTests(Package package)
{
    private const string Installed = "/usr/lib/edge-inference";

    [Fact]
    public async Task Unit_Verified_HasNoFault()
    {
        // As installed, but for the folder.
        string unit = Path.Combine(package.Home, "edge-inference.service");
        await File.WriteAllTextAsync(unit, (await ReadUnitAsync()).Replace(Installed, package.Folder, StringComparison.Ordinal));

        ServiceRun run = await package.RunAsync([], "systemd-analyze", "verify", "--man=no", unit);

        Assert.True(run.ExitCode == 0 && run.Log.Length == 0, run.Log);
    }

    [Fact]
    public async Task Unit_ItsExposure_IsBelowTwo()
    {
        ServiceRun run = await package.RunAsync([], "systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", package.File("edge-inference.service"));

        Assert.True(run.ExitCode == 0, run.Output + run.Log);
        Assert.Contains("Overall exposure level", run.Output, StringComparison.Ordinal);
    }

    /// <summary>By name, the device of a driver that is loaded after the start of the unit would be refused.</summary>
    [Fact]
    public async Task Unit_DevicesItAllows_AreNumbersOfTheKernel()
    {
        // VIDEO_MAJOR, DRM_MAJOR and ACCEL_MAJOR in the kernel's headers.
        string[] allowed = [.. (await ReadUnitAsync()).Split('\n').Where(static line => line.StartsWith("DeviceAllow=", StringComparison.Ordinal))];

        Assert.Equal(["DeviceAllow=char-81 rw", "DeviceAllow=char-226 rw", "DeviceAllow=char-261 rw"], allowed);
    }

    /// <summary>What is looked at by hand is what the service has.</summary>
    [Fact]
    public async Task Command_PropertiesItRunsWith_AreThoseOfTheUnit()
    {
        string[] unit = (await ReadUnitAsync()).Split('\n');
        string[] properties =
        [
            .. Property().Matches(await File.ReadAllTextAsync(package.File("edge-inference.sh")))
                .Select(static match => match.Groups["property"].Value.Replace("\"", "", StringComparison.Ordinal))
                .Where(static property => property != "User=edge-inference"),
        ];

        Assert.All(properties, property => Assert.Contains(property, unit));
        foreach (string needed in (string[])["EnvironmentFile=", "LoadCredential=", "ConfigurationDirectory=", "DynamicUser=", "StateDirectory=", "CacheDirectory=", "SupplementaryGroups="])
            Assert.Contains(properties, property => property.StartsWith(needed, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstConfiguration_AsItIs_LacksNothingButStreams()
    {
        ServiceRun run = await package.RunAsync([], package.Program, "check");

        Problem.AssertOneLine(run, 78, "EdgeInference:Streams: no stream is configured");
    }

    [Fact]
    public async Task FirstConfiguration_EveryLineUncommented_IsValid()
    {
        string folder = Directory.CreateDirectory(Path.Combine(package.Home, "first")).FullName;
        using var certificates = new TestCertificates();
        CertificateFiles client = certificates.Client();
        File.Copy(certificates.CaFile, Path.Combine(folder, "edge-inference_AmazonRootCA1.pem"));
        File.Copy(client.Certificate, Path.Combine(folder, "edge-inference_device.pem"));
        File.Copy(client.Key, Path.Combine(folder, "edge-inference_device.key"));
        string text = CommentedLine().Replace(await File.ReadAllTextAsync(package.File("appsettings.json")), "${line}")
            .Replace("/usr/share/edge-inference", package.Folder, StringComparison.Ordinal)
            .Replace("/var/lib/edge-inference", folder, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), text);

        ServiceRun run = await package.RunAsync(
            new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = folder, ["CONFIGURATION_DIRECTORY"] = folder }, package.Program, "check");

        Assert.True(run.ExitCode == 0, run.Log);
        foreach (string publisher in (string[])["Mqtt", "LocalJpeg", "S3", "Kinesis", "Webhook"])
            Assert.Contains(run.OutputLines, line => line.StartsWith($"line1: {publisher} to ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scripts_ShellCheck_HasNothingToSay()
    {
        string[] scripts =
        [
            TestData.InRepository("dev"),
            TestData.InRepository(".ci/run"),
            .. Directory.GetFiles(TestData.InRepository("deploy"), "*.sh", SearchOption.AllDirectories),
            .. Directory.GetFiles(TestData.InRepository("deploy/debian"), "p*"),
            .. Directory.GetFiles(TestData.InRepository("tests/Integration/Systemd"), "*.sh"),
            .. Directory.GetFiles(TestData.InRepository("tests/Integration/Greengrass"), "*.sh"),
        ];
        Assert.True(scripts.Length >= 16, string.Join(' ', scripts));

        ServiceRun run = await package.RunAsync([], ["shellcheck", .. scripts]);

        Assert.True(run.ExitCode == 0, run.Output + run.Log);
    }

    private Task<string> ReadUnitAsync() => File.ReadAllTextAsync(package.File("edge-inference.service"));

    [GeneratedRegex("--property=(?<property>.+?)( --property=| \\\\\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Property();

    [GeneratedRegex(@"//(?<line>[""{}\[\]])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommentedLine();
}
