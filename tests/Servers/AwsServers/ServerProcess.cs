using System.Diagnostics;
using System.Text.RegularExpressions;
using EdgeInference.TestSupport;

namespace EdgeInference.TestServers;

/// <summary>A server of another project in a process of its own, that prints its address when it is ready.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _output;
    private readonly Task _error;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastLines = new();

    private ServerProcess(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput);
        _error = ReadAsync(process.StandardError);
    }

    public int Id => _process.Id;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts a script of this folder in Node.js.</summary>
    public static Task<ServerProcess> StartNodeAsync(string script, params string[] arguments)
    {
        string folder = TestData.InRepository("tests/Servers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new InvalidOperationException($"The test servers are not installed: run './dev test', or 'npm ci --ignore-scripts' in {folder}.");
        return StartAsync("node", [Path.Combine(folder, "AwsServers", script), .. arguments]);
    }

    public static async Task<ServerProcess> StartAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new ServerProcess(Process.Start(start)!);
        try
        {
            Task first = await Task.WhenAny(server._address.Task, server._process.WaitForExitAsync()).WaitAsync(StartDeadline);
            if (first != server._address.Task)
                await Task.WhenAll(server._output, server._error);
            server.Address = server._address.Task.IsCompleted
                ? await server._address.Task
                : throw new InvalidOperationException($"{program} ended before it listened: {server.LastLines()}");
            return server;
        }
        catch (TimeoutException exception)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"{program} does not listen after {StartDeadline}: {server.LastLines()}", exception);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await Task.WhenAll(_output, _error);
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lastLines)
            {
                _lastLines.Enqueue(line);
                if (_lastLines.Count > 10)
                    _lastLines.Dequeue();
            }

            Match match = Listening().Match(line);
            if (match.Success)
                _address.TrySetResult(new Uri(match.Groups["address"].Value));
        }
    }

    private string LastLines()
    {
        lock (_lastLines)
            return string.Join(" | ", _lastLines);
    }

    [GeneratedRegex(@"(listening|Running) on (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
