using System.Diagnostics;
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeInference.Capture;
using EdgeInference.Frames;
using EdgeInference.TestSupport;

namespace EdgeInference.Tests.Capture;

/// <summary>However a source ends, ffmpeg is gone afterwards.</summary>
public sealed partial class FfmpegSourceLifetimeTests : CaptureTest
{
    private const int KilledExitCode = 137;
    private const int GetPipeSize = 1032;

    [Fact]
    public async Task DisposeAsync_InTheMiddle_EndsFfmpeg()
    {
        FfmpegSource source = await OpenEndlessAsync(realTime: false);
        (await source.ReadAsync(CancellationToken.None))!.Dispose();
        int process = source.ProcessId!.Value;
        Assert.True(Directory.Exists($"/proc/{process}"));

        await source.DisposeAsync();
        await source.DisposeAsync();

        AssertGone(process);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await source.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task DisposeAsync_WhileReading_CancelsTheRead()
    {
        FfmpegSource source = await OpenEndlessAsync(realTime: true);
        (await source.ReadAsync(CancellationToken.None))!.Dispose();
        Task<Frame?> read = source.ReadAsync(CancellationToken.None).AsTask();

        await source.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        AssertGone(source.ProcessId!.Value);
    }

    [Fact]
    public async Task DisposeAsync_NeverRead_StartsNothing()
    {
        FfmpegSource source = await OpenEndlessAsync(realTime: false);
        await source.DisposeAsync();
        Assert.Null(source.ProcessId);
    }

    [Fact]
    public async Task ReadAsync_CancelledWhileWaiting_ThrowsAndEndsFfmpeg()
    {
        FfmpegSource source = await OpenEndlessAsync(realTime: true);
        using CancellationTokenSource stop = new();
        int process;
        await using (source)
        {
            // The next picture comes in an hour.
            (await source.ReadAsync(stop.Token))!.Dispose();
            process = source.ProcessId!.Value;
            ValueTask<Frame?> read = source.ReadAsync(stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
            AssertGone(process);
        }

        AssertGone(process);
    }

    [Fact]
    public async Task ReadAsync_CancelledBefore_StartsNothing()
    {
        await using FfmpegSource source = await OpenEndlessAsync(realTime: false);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await source.ReadAsync(new CancellationToken(canceled: true)));
        Assert.Null(source.ProcessId);
    }

    [Fact]
    public async Task ReadAsync_FfmpegIsKilled_ThrowsThatItDied()
    {
        await using FfmpegSource source = await OpenEndlessAsync(realTime: true);
        (await source.ReadAsync(CancellationToken.None))!.Dispose();
        using (Process process = Process.GetProcessById(source.ProcessId!.Value))
            process.Kill();

        CaptureException failure = await Assert.ThrowsAsync<CaptureException>(
            async () => await source.ReadAsync(CancellationToken.None));
        Assert.EndsWith("ffmpeg was ended by signal 9.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ServerNeverAnswers_GivesUpAfterConnectTimeout()
    {
        JumpingTime time = new(DateTimeOffset.UnixEpoch.AddYears(56));
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        SourceOptions options = new()
        {
            Input = $"http://u:hunter2@{silent.LocalEndpoint}/live",
            ConnectTimeout = TimeSpan.FromSeconds(7),
        };

        FfmpegSource source = (FfmpegSource)Open(options, time);
        await using (source)
        {
            ValueTask<Frame?> read = source.ReadAsync(CancellationToken.None);
            using Socket connection = await silent.AcceptSocketAsync();

            // A clock that is set makes it neither shorter nor longer.
            time.Jump(TimeSpan.FromHours(5));
            time.Advance(TimeSpan.FromSeconds(6));
            time.Jump(TimeSpan.FromHours(-10));
            Assert.False(read.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));

            CaptureException failure = await Assert.ThrowsAsync<CaptureException>(async () => await read);
            Assert.Equal($"http://***@{silent.LocalEndpoint}/live: no picture within 7 s (ConnectTimeout).", failure.Message);
        }

        AssertGone(source.ProcessId!.Value);
    }

    // What happens when this process is killed: nothing but the pipe's end tells ffmpeg.
    [Fact]
    public async Task Output_ClosedByTheReader_FfmpegEndsByItself()
    {
        string path = await MakeEndlessAsync();
        SourceOptions options = new() { Input = path, Loop = true };
        await using FfmpegProcess process = FfmpegProcess.Start(
            FfmpegArguments.ForSource(options, SourceAddress.Parse(path)), _ => { }, () => { }, TimeProvider.System);
        new Y4mReader(process.Output).ReadHeader();

        await process.Output.DisposeAsync();

        Assert.NotEqual(KilledExitCode, await process.WaitForExitAsync());
    }

    [Fact]
    public async Task Output_OfThisProcess_IsALargePipe()
    {
        string path = await MakeEndlessAsync();
        SourceOptions options = new() { Input = path };
        await using FfmpegProcess process = FfmpegProcess.Start(
            FfmpegArguments.ForSource(options, SourceAddress.Parse(path)), _ => { }, () => { }, TimeProvider.System);

        Assert.Equal(1 << 18, ControlFile(Assert.IsType<PipeStream>(process.Output, exactMatch: false).SafePipeHandle, GetPipeSize));
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlFile(SafeHandle file, int command);

    private async Task<string> MakeEndlessAsync()
    {
        string path = FilePath("endless.mkv");
        await Ffmpeg.RunAsync("-f lavfi -i testsrc2=s=160x120:r=1/3600 -frames:v 5 -c:v mjpeg", path);
        return path;
    }

    private async Task<FfmpegSource> OpenEndlessAsync(bool realTime) =>
        (FfmpegSource)Open(new SourceOptions { Input = await MakeEndlessAsync(), Loop = true, RealTime = realTime });
}
