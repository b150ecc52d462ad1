using System.Diagnostics;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>A file system of its own with little room, which goes with the test.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var disk = new SmallDisk();
        string error = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "edge-inference-test", disk.Path);
        if (error.Length == 0)
            return disk;
        disk._folder.Dispose();
        throw new InvalidOperationException($"This test needs a small file system of its own, and mounting a tmpfs does not work here ({error}). Run it as root; in a container with CAP_SYS_ADMIN.");
    }

    /// <summary>Takes up room.</summary>
    public Task PutBallastAsync(int bytes) => File.WriteAllBytesAsync(Ballast, new byte[bytes]);

    /// <summary>Takes up all the room there is.</summary>
    public async Task FillAsync()
    {
        await using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                ballast.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full, which was the aim.
        }
    }

    public void RemoveBallast() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        string error = await RunAsync("umount", "--lazy", Path);
        if (error.Length > 0)
            throw new InvalidOperationException(error);
        _folder.Dispose();
    }

    /// <returns>What it says where it fails; empty where it works.</returns>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : $"{program}: {error.Trim()}";
    }
}
