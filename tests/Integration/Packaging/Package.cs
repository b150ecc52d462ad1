using System.Diagnostics;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Packaging;

/// <summary>
/// The tarball as <c>./dev publish</c> makes it, unpacked as a user would, and the .deb; its programs run as on a machine without .NET.
/// </summary>
public sealed class Package : IAsyncLifetime, IDisposable
{
    // Generous: it only ends what hangs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();

    /// <summary>Where it was unpacked.</summary>
    public string Folder { get; private set; } = "";

    public string Tarball { get; private set; } = "";

    public string Deb { get; private set; } = "";

    /// <summary>The recipe of the Greengrass component.</summary>
    public string RecipeFile => Assert.Single(Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Tarball)!, "greengrass", "recipes")));

    public string Home => _folder.File("home");

    public string Program => File("edge-inference");

    public string File(string name) => Path.Combine(Folder, name);

    public async Task InitializeAsync()
    {
        // Servers of the compiler that outlive the script would hold its output open.
        var environment = new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" };
        ServiceRun made = await RunAsync(
            TestData.RepositoryRoot, environment, keepEnvironment: true, TestData.InRepository("deploy/package.sh"), _folder.File("out"));
        Assert.True(made.ExitCode == 0, made.Output + made.Log);
        Deb = made.OutputLines[^2];
        Tarball = made.OutputLines[^1];
        ServiceRun unpacked = await RunAsync(_folder.Path, [], keepEnvironment: true, "tar", "-xzf", Tarball);
        Assert.True(unpacked.ExitCode == 0, unpacked.Log);
        Folder = _folder.File(Path.GetFileName(Tarball).Replace(".tar.gz", "", StringComparison.Ordinal));
        Directory.CreateDirectory(Home);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a command in the unpacked folder, in an environment of nothing but what is given, PATH and HOME.</summary>
    internal Task<ServiceRun> RunAsync(Dictionary<string, string> environment, params string[] command)
    {
        environment.TryAdd("PATH", "/usr/bin:/bin");
        environment.TryAdd("HOME", Home);
        return RunAsync(Folder, environment, keepEnvironment: false, command);
    }

    private static async Task<ServiceRun> RunAsync(
        string folder, Dictionary<string, string> environment, bool keepEnvironment, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        if (!keepEnvironment)
            start.Environment.Clear();
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> log = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"It hung: {string.Join(' ', command)}\n{await output}{await log}");
        }

        return new ServiceRun(process.ExitCode, await output, await log);
    }
}
