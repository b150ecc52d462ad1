using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeInference.Integration.Tests.Lifetime;

/// <summary>
/// Stands in for a camera at /dev/videoN, which only a kernel with video4linux can have: a FIFO that pictures come out of
/// while it is plugged in, and that is gone when it is not. The ffmpeg of <see cref="Environment"/> reads a FIFO where it is
/// told to read a camera; all else is the way of a camera through the service.
/// </summary>
internal sealed partial class UsbCamera : IAsyncDisposable
{
    // Begins as a camera's path does, and leads elsewhere without the rights that /dev takes.
    private const string Prefix = "/dev/video9/../..";

    private readonly TemporaryFolder _folder = new();
    private readonly string _fifo;
    private Process? _pictures;

    public UsbCamera()
    {
        _fifo = _folder.File("camera");
        string ffmpeg = _folder.File("ffmpeg");
        File.WriteAllText(
            ffmpeg,
            $$"""
            #!/bin/bash
            export PATH=${PATH#*:}
            arguments=()
            for argument; do
                case $argument in
                    v4l2) arguments+=(mpegts -probesize 100000 -analyzeduration 500000) ;;
                    *) arguments+=("${argument#'{{Prefix}}'}") ;;
                esac
            done
            exec ffmpeg "${arguments[@]}"
            """);
        File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path => Prefix + _fifo;

    public Dictionary<string, string> Environment => new() { ["PATH"] = $"{_folder.Path}:{System.Environment.GetEnvironmentVariable("PATH")}" };

    public void PlugIn()
    {
        const int OnlyOwner = 0x180;
        Assert.Equal(0, MakeFifo(_fifo, OnlyOwner));
        _pictures = Process.Start(
            "ffmpeg", ["-nostdin", "-v", "quiet", "-y", "-re", "-stream_loop", "-1", "-i", DemoFiles.Inspection, "-c", "copy", "-f", "mpegts", _fifo]);
    }

    public async Task PullOutAsync()
    {
        File.Delete(_fifo);
        if (_pictures is null)
            return;
        _pictures.Kill();
        await _pictures.WaitForExitAsync();
        _pictures.Dispose();
        _pictures = null;
    }

    public async ValueTask DisposeAsync()
    {
        await PullOutAsync();
        _folder.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, int mode);
}
