using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>What whoever unpacks the tarball on a machine without .NET gets.</summary>
[Collection(PackagesOnce.Name)]
public sealed partial class PackageTests(Package package)
{
    private const string DemoConfiguration = "models/demo/appsettings.json";

    // What the tarball's README says that the system must have: glibc and libstdc++.
    private static readonly string[] SystemLibraries =
        ["linux-vdso.so.1", "ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libstdc++.so.6", "libgcc_s.so.1"];

    [Fact]
    public async Task Run_DemoWithoutDotnet_ReportsAndOpensNothingOfAnInstallation()
    {
        string trace = Path.Combine(package.Home, "trace");
        var asFastAsPossible = new Dictionary<string, string>
        {
            ["EdgeInference__Streams__0__Source__RealTime"] = "false",
            ["EdgeInference__Streams__1__Source__RealTime"] = "false",
        };

        ServiceRun run = await package.RunAsync(
            asFastAsPossible,
            ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=open,openat,execve", "-o", trace, package.Program, "run", "--config", DemoConfiguration]);

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.All(run.LogLines, static line => Assert.Contains(" INF ", line, StringComparison.Ordinal));
        foreach (string stream in (string[])["conveyor", "inspection"])
        {
            Assert.Contains(run.LogLines, line => line.Contains($"{stream}: frame ", StringComparison.Ordinal));
            string[] pictures = Directory.GetFiles(package.File($"artifacts/demo/{stream}"), "*.jpg", SearchOption.AllDirectories);
            Assert.Equal("mjpeg,640,360", await FfmpegTool.DescribeAsync(pictures[0]));
        }

        string[] opened = [.. Calls(await File.ReadAllLinesAsync(trace)).Select(static call => Opened().Match(call)).Where(static match => match.Success).Select(static match => match.Groups["path"].Value)];
        foreach (string library in (string[])["libonnxruntime.so.1", "libturbojpeg.so.0", "libe_sqlite3.so"])
            Assert.Contains(package.File(library), opened);
        Assert.DoesNotContain(opened, static path => path.StartsWith(DotnetRoot, StringComparison.Ordinal));
        Assert.DoesNotContain(opened, static path => path.Contains("/.nuget/", StringComparison.Ordinal));
        Assert.DoesNotContain(opened, static path => path.StartsWith(TestData.RepositoryRoot, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_Demo_IsValid()
    {
        ServiceRun run = await package.RunAsync([], package.Program, "check", "--config", DemoConfiguration);

        Assert.True(run.ExitCode == 0, run.Log);
        Assert.Contains("The configuration is valid: 2 streams.", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run")]
    public async Task Command_NoFfmpeg_NamesWhatInstallsIt(string command)
    {
        ServiceRun run = await package.RunAsync(
            new Dictionary<string, string> { ["PATH"] = package.Home }, package.Program, command, "--config", DemoConfiguration);

        Problem.AssertOneLine(run, 78, "edge-inference: ffmpeg: ", "apt-get install ffmpeg");
    }

    [Fact]
    public async Task Check_FfmpegOnlyInTheCurrentFolder_IsNotTaken()
    {
        string folder = Path.Combine(package.Home, "untrusted");
        Directory.CreateDirectory(folder);
        string program = Path.Combine(folder, "ffmpeg");
        await File.WriteAllTextAsync(program, "#!/bin/sh\ntouch started\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        ServiceRun run = await package.RunAsync(
            new Dictionary<string, string> { ["PATH"] = package.Home }, "/bin/sh", "-c", $"cd {folder} && {package.Program} check --config {package.File(DemoConfiguration)}");

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("ffmpeg: the program is not on the PATH", run.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "started")));
    }

    [Fact]
    public async Task Check_NoFfmpegAndWrongConfiguration_NamesBoth()
    {
        ServiceRun run = await package.RunAsync(new Dictionary<string, string> { ["PATH"] = package.Home }, package.Program, "check");

        Problem.AssertLines(run, 78, ["ffmpeg: ", "apt-get install ffmpeg"], ["EdgeInference:Streams", "PARAM_MODEL_XML"]);
    }

    [Fact]
    public async Task Libraries_AllThatAreShipped_NeedNothingButThoseOfTheReadme()
    {
        string[] files = [package.Program, .. Directory.GetFiles(package.Folder, "*.so*")];
        Assert.Equal(4, files.Length);
        foreach (string file in files)
        {
            ServiceRun run = await package.RunAsync([], "ldd", file);

            Assert.True(run.ExitCode == 0, run.Log);
            foreach (string line in run.OutputLines)
            {
                string name = Path.GetFileName(line.Trim().Split(' ')[0]);
                Assert.True(SystemLibraries.Contains(name, StringComparer.Ordinal) && !line.Contains("not found", StringComparison.Ordinal), $"{file}: {line}");
            }
        }
    }

    [Fact]
    public async Task Licences_EveryPart_HasItsText()
    {
        string[][] parts = ReadParts();

        foreach (string[] part in parts)
        {
            Assert.Equal(5, part.Length);
            string text = await File.ReadAllTextAsync(package.File(part[4]));
            Assert.True(text.Length > 200, part[4]);

            // Texts that several parts share are named by each.
            foreach (Match other in NamedText().Matches(text))
                Assert.True(new FileInfo(package.File($"LICENSES/{other.Groups["file"].Value}")).Length > 1000, part[4]);
        }

        string[] texts = [.. Directory.GetFiles(package.File("LICENSES")).Select(Path.GetFileName).Where(static name => !name!.EndsWith(".notices.txt", StringComparison.Ordinal))!];
        Assert.Equal(texts.Order(StringComparer.Ordinal), parts.Select(static part => Path.GetFileName(part[4])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Licences_PackagesOfTheProgram_AreAllNamed()
    {
        (string Name, string Version)[] named = [.. ReadParts().Select(static part => (part[0], part[1]))];

        Assert.All(PackagesOfTheBuild(), part => Assert.Contains(part, named));
        foreach (string other in (string[])["ONNX Runtime", "libjpeg-turbo", "SQLite", "Microsoft.NETCore.App.Runtime.linux-x64"])
            Assert.Contains(other, named.Select(static part => part.Name));
    }

    /// <summary>The calls of a trace: where another thread's came in between, one is in two parts.</summary>
    private static IEnumerable<string> Calls(IEnumerable<string> trace)
    {
        const string Unfinished = " <unfinished ...>";
        var begun = new Dictionary<string, string>();
        foreach (string line in trace)
        {
            string thread = line.Split(' ', 2)[0];
            if (line.EndsWith(Unfinished, StringComparison.Ordinal))
                begun[thread] = line[..^Unfinished.Length];
            else if (line.Contains(" resumed>", StringComparison.Ordinal) && begun.Remove(thread, out string? first))
                yield return first + line[(line.IndexOf(" resumed>", StringComparison.Ordinal) + " resumed>".Length)..];
            else
                yield return line;
        }
    }

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) + "/";

    /// <summary>Name, version, licence, source and text of each part.</summary>
    private string[][] ReadParts() =>
    [
        .. File.ReadAllLines(package.File("THIRD-PARTY-NOTICES"))
            .SkipWhile(static line => !line.StartsWith("name ", StringComparison.Ordinal))
            .Skip(1)
            .Select(static line => Regex.Split(line.Trim(), " {2,}", RegexOptions.None, TimeSpan.FromSeconds(1))),
    ];

    /// <summary>Those with a file that the program loads, as the build beside these tests tells.</summary>
    private static IEnumerable<(string Name, string Version)> PackagesOfTheBuild()
    {
        using JsonDocument build = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "edge-inference.deps.json")));
        JsonElement target = build.RootElement.GetProperty("targets").EnumerateObject().First().Value;
        foreach (JsonProperty library in target.EnumerateObject())
        {
            string[] name = library.Name.Split('/');
            bool isPackage = build.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("type").GetString() == "package";
            if (isPackage && (library.Value.TryGetProperty("runtime", out _) || library.Value.TryGetProperty("runtimeTargets", out _)))
                yield return (name[0], name[1]);
        }
    }

    [GeneratedRegex("\"(?<path>/[^\"]+)\".* = [0-9]+$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Opened();

    [GeneratedRegex("^What it holds of others: (?<file>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamedText();
}
