using System.Diagnostics;

namespace EdgeInference.Integration.Tests;

/// <summary>The outcome of a finished run of the program.</summary>
internal sealed record ServiceRun(int ExitCode, string Output, string Log)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] LogLines => Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs the real program, as built beside the tests, in a process of its own.</summary>
internal static class ServiceProcess
{
    // Generous: it only ends a run that hangs.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    public static Task<ServiceRun> RunAsync(params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(), arguments);

    public static async Task<ServiceRun> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
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
            Assert.Fail($"The program hung: {string.Join(' ', arguments)}\n{await log}");
        }

        return new ServiceRun(process.ExitCode, await output, await log);
    }

    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartUnder([], environment, arguments);

    /// <summary>Starts it as the child of a tool, such as a tracer, that takes a command line behind its own arguments.</summary>
    public static Process StartUnder(IReadOnlyList<string> tool, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string[] commandLine = [.. tool, Path.Combine(AppContext.BaseDirectory, "edge-inference"), .. arguments];
        var start = new ProcessStartInfo(commandLine[0])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = TestSupport.TestData.RepositoryRoot,
        };
        foreach (string argument in commandLine[1..])
            start.ArgumentList.Add(argument);

        // Services that run side by side need an outbox each; a test that starts one again gives both the same folder.
        start.Environment["XDG_STATE_HOME"] = Path.Combine(CacheFolder.Path, "state", Guid.NewGuid().ToString("N"));

        // An OpenVINO of the machine is for those tests alone that ask for it: results are not to depend on what is installed.
        start.Environment["EDGEINFERENCE_OPENVINO"] = "/no-openvino";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
