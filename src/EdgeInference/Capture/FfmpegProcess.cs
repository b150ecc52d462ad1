using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeInference.Capture;

/// <summary>
/// A running ffmpeg. Its pictures come from <see cref="Output"/>; its messages are read all the time. When this process
/// is killed, ffmpeg's next write finds the pipe closed and ends it too.
/// </summary>
internal sealed partial class FfmpegProcess : IAsyncDisposable
{
    /// <summary>How long ffmpeg has to end after it was asked to.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private const int Terminated = 15;

    // fcntl's F_SETPIPE_SZ (pipe(7)). Through a larger pipe frames come no faster, and leave less of the cache to the engine.
    private const int SetPipeSize = 1031;
    private const int PipeSize = 1 << 18;

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task _messages;
    private readonly Task _script;
    private bool _isDisposed;

    private FfmpegProcess(Process process, string? script, Action<string> onMessage, Action onLastMessage, TimeProvider time)
    {
        _process = process;
        Id = process.Id;
        _time = time;
        EnlargePipe(Output);
        _messages = ReadMessagesAsync(process.StandardError, onMessage, onLastMessage);
        _script = WriteScriptAsync(process.StandardInput, script);
    }

    public int Id { get; }

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <param name="command">What to run.</param>
    /// <param name="onMessage">Gets each line of standard error.</param>
    /// <param name="onLastMessage">Called when standard error has ended.</param>
    /// <param name="time">For the deadline when stopping.</param>
    /// <exception cref="CaptureException">The program cannot be started.</exception>
    public static FfmpegProcess Start(
        FfmpegCommand command, Action<string> onMessage, Action onLastMessage, TimeProvider time)
    {
        string path = ChildProgram.Find(command.Program, ChildProgram.Folders)
            ?? throw new CaptureException($"The program {command.Program} is not installed: it is in the package ffmpeg.");
        ProcessStartInfo start = ChildProgram.CreateStart(path, command.Arguments);
        start.RedirectStandardInput = true;
        start.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        start.StandardErrorEncoding = Encoding.UTF8;
        try
        {
            return new FfmpegProcess(Process.Start(start)!, command.Script, onMessage, onLastMessage, time);
        }
        catch (Win32Exception failure)
        {
            throw new CaptureException($"The program {path} cannot be started: {failure.Message}.", failure);
        }
    }

    /// <summary>Asks ffmpeg to end; an RTSP session is then closed properly. <see cref="Output"/> ends soon after.</summary>
    public void Terminate()
    {
        // The id is ours as long as the exit was not seen; a child that has just exited is not an error.
        if (!_process.HasExited)
            _ = SendSignal(Id, Terminated);
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>The exit code, once ffmpeg has ended by itself or, after two seconds, by force.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using CancellationTokenSource deadline = new(StopTimeout, _time);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _messages;
        return _process.ExitCode;
    }

    /// <summary>Ends ffmpeg and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Output.DisposeAsync();
        Terminate();
        await WaitForExitAsync();
        await _script;
        _process.Dispose();
    }

    /// <summary>
    /// Through the 64 KB that a pipe has by itself a picture goes in many pieces, and both sides wake up for each: at 640x360
    /// that costs a third of the frames per second (the benchmark's "decoding into a pipe": 985 instead of 1,530).
    /// </summary>
    private static void EnlargePipe(Stream output)
    {
        // Refused where a user has too many of them: then it stays as it is.
        if (output is PipeStream pipe)
            _ = ControlFile(pipe.SafePipeHandle, SetPipeSize, PipeSize);
    }

    private static async Task ReadMessagesAsync(StreamReader reader, Action<string> onMessage, Action onLastMessage)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
                onMessage(line);
        }
        finally
        {
            onLastMessage();
        }
    }

    private static async Task WriteScriptAsync(StreamWriter writer, string? script)
    {
        try
        {
            await writer.WriteAsync(script);
            writer.Close();
        }
        catch (IOException)
        {
            // ffmpeg ended before it had read everything: its exit code and messages say why.
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlFile(SafeHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
