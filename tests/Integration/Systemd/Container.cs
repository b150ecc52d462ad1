using System.Diagnostics;
using System.Globalization;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Systemd;

/// <summary>A real systemd, booted in a container of its own (boot.sh) from the file system that make-root.sh makes. Both need root.</summary>
internal sealed class Container : IAsyncDisposable
{
    // Generous: it only ends what hangs.
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _work = new();
    private readonly Process _process;
    private readonly Task<string>[] _console;
    private int _leader;

    private Container(string root, string[] prepare)
    {
        _process = Start(TestData.InRepository("tests/Integration/Systemd/boot.sh"), [root, _work.Path, .. prepare]);
        _console = [_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync()];
    }

    /// <param name="prepare">A program, and its arguments, that is given the folder of the file system before that is booted.</param>
    public static async Task<Container> BootAsync(params string[] prepare)
    {
        ServiceRun made = await RunProgramAsync("", TestData.InRepository("tests/Integration/Systemd/make-root.sh"), []);
        Assert.True(made.ExitCode == 0, $"There is no file system to boot, which this test needs:\n{made.Log}");
        var container = new Container(made.OutputLines[^1], prepare);
        try
        {
            await container.WaitAsync("the system has booted", async () =>
                container.FindLeader() && (await container.RunAsync("systemctl is-system-running")).Output.Trim() is "running" or "degraded");
            return container;
        }
        catch (Exception exception)
        {
            string console = await container.EndAsync();
            throw new InvalidOperationException($"No container boots here, which this test needs. It must be root, and allowed to mount.\n{console}", exception);
        }
    }

    /// <summary>Where a file of the container is seen from outside; no absolute link may be on the way.</summary>
    public string PathOf(string path) => $"/proc/{_leader.ToString(CultureInfo.InvariantCulture)}/root{path}";

    /// <summary>Runs a shell's command as root.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="input">What it reads.</param>
    public Task<ServiceRun> RunAsync(string command, string input = "") => RunProgramAsync(
        input,
        "nsenter",
        ["--all", $"--target={_leader.ToString(CultureInfo.InvariantCulture)}", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "sh", "-c", command]);

    /// <summary>Runs a shell's command that is to succeed, and gives what it says.</summary>
    public async Task<string> DoAsync(string command, string input = "")
    {
        ServiceRun run = await RunAsync(command, input);
        Assert.True(run.ExitCode == 0, $"{command}: exit code {run.ExitCode}\n{run.Output}{run.Log}");
        return run.Output.Trim();
    }

    /// <summary>Waits for what is to come; fails after two minutes, or when the container has ended.</summary>
    public async Task WaitAsync(string what, Func<Task<bool>> isSo)
    {
        using var hang = new CancellationTokenSource(s_deadline);
        while (!await isSo())
        {
            Assert.False(_process.HasExited, $"The container has ended before {what}");
            Assert.False(hang.IsCancellationRequested, $"Not within two minutes: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    /// <summary>Ends it, however it is.</summary>
    /// <returns>What was on its console.</returns>
    private async Task<string> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        string console = string.Concat(await Task.WhenAll(_console));
        _process.Dispose();
        _work.Dispose();
        return console;
    }

    /// <summary>Finds the process that is the system's first, as soon as there is one.</summary>
    private bool FindLeader()
    {
        for (int[] generation = [_process.Id]; generation.Length > 0 && _leader == 0; generation = [.. generation.SelectMany(RunningService.ChildrenOf)])
            _leader = generation.FirstOrDefault(static id => NameOf(id) == "systemd");
        return _leader != 0;
    }

    private static string NameOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/comm").Trim();
        }
        catch (IOException)
        {
            // It has just ended.
            return "";
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<ServiceRun> RunProgramAsync(string input, string program, IReadOnlyList<string> arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> log = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        return new ServiceRun(process.ExitCode, await output, await log);
    }
}
