using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace EdgeInference.Integration.Tests;

/// <summary>The real program while it runs: its lines as they come, its signals, its place in /proc.</summary>
internal sealed partial class RunningService : IAsyncDisposable
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Halt = 19;

    private readonly Process _process;
    private readonly Channel<string> _outputLines = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _logLines = Channel.CreateUnbounded<string>();
    private readonly List<string> _log = [];
    private readonly Task _reading;

    // Generous: it only ends a run that hangs.
    private readonly CancellationTokenSource _deadline = new(IsSoak ? TimeSpan.FromHours(12) : TimeSpan.FromMinutes(2));

    private static bool IsSoak => Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_MINUTES") is not null;

    private RunningService(Process process, bool readOutput)
    {
        _process = process;
        _reading = Task.WhenAll(
            PumpAsync(process.StandardError, _logLines.Writer, _log),
            readOutput ? PumpAsync(process.StandardOutput, _outputLines.Writer, []) : Task.CompletedTask);
    }

    public int Id => _process.Id;

    /// <summary>The log so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    public static RunningService Start(params string[] arguments) =>
        new(ServiceProcess.Start(new Dictionary<string, string>(), arguments), readOutput: true);

    public static RunningService Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(ServiceProcess.Start(environment, arguments), readOutput: true);

    /// <summary>A service whose standard output nobody reads.</summary>
    public static RunningService StartUnread(params string[] arguments) =>
        new(ServiceProcess.Start(new Dictionary<string, string>(), arguments), readOutput: false);

    /// <summary>The lines of the log so far.</summary>
    public string[] LogLines => Log.Split('\n');

    /// <summary>Watches one that was started in another way.</summary>
    public static RunningService Of(Process process) => new(process, readOutput: true);

    /// <summary>The next line of standard output; null at its end.</summary>
    public ValueTask<string?> ReadOutputAsync() => ReadAsync(_outputLines.Reader);

    /// <summary>Waits for a line of the log that holds a text.</summary>
    public async Task<string> WaitForLogAsync(string text)
    {
        while (await ReadAsync(_logLines.Reader) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The program ended without '{text}':\n{Log}");
    }

    public void CloseOutput() => _process.StandardOutput.Close();

    public void Send(int signal) => Send(Id, signal);

    public static void Send(int processId, int signal) => Assert.Equal(0, SendSignal(processId, signal));

    /// <summary>The process id of the only child.</summary>
    public int FindFfmpeg() => Assert.Single(
        Directory.GetDirectories($"/proc/{Id}/task")
            .SelectMany(static thread => File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(static child => int.Parse(child, CultureInfo.InvariantCulture)));

    /// <summary>The process ids of its children at this moment.</summary>
    public static int[] ChildrenOf(int processId)
    {
        try
        {
            return
            [
                .. Directory.GetDirectories($"/proc/{processId}/task")
                    .SelectMany(static thread => File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Select(static child => int.Parse(child, CultureInfo.InvariantCulture)),
            ];
        }
        catch (IOException)
        {
            // The process, or one of its threads, has just ended.
            return [];
        }
    }

    public static bool Exists(int processId) => Directory.Exists($"/proc/{processId}");

    public ProcessSample Sample() => ProcessSample.Of(Id);

    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(_deadline.Token);
        await _reading.WaitAsync(_deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _deadline.Dispose();
    }

    private async ValueTask<string?> ReadAsync(ChannelReader<string> lines) =>
        await lines.WaitToReadAsync(_deadline.Token) && lines.TryRead(out string? line) ? line : null;

    private static async Task PumpAsync(StreamReader reader, ChannelWriter<string> lines, List<string> all)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                lock (all)
                    all.Add(line);
                await lines.WriteAsync(line, CancellationToken.None);
            }
        }
        finally
        {
            lines.Complete();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
