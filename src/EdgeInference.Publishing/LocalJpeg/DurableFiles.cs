using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeInference.Publishing.LocalJpeg;

/// <summary>What .NET lacks to make files outlast a power cut: a folder's entries have to be flushed as a file's bytes have.</summary>
internal static partial class DurableFiles
{
    // O_RDONLY | O_CLOEXEC, the same number on x64 and Arm.
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>Makes what was created, renamed or deleted in a folder last.</summary>
    public static void FlushFolder(string path)
    {
        // Windows has nothing of the kind, and writes names through its journal.
        if (OperatingSystem.IsWindows())
            return;
        int descriptor;
        do
        {
            descriptor = Open(path, ReadOnlyCloseOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        if (descriptor < 0)
            throw Errno.ToException(Marshal.GetLastPInvokeError(), path);
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(folder);
    }

    /// <summary>Makes a folder below an existing one, and the folders between them, so that they last.</summary>
    public static void CreateFolder(string root, string path)
    {
        if (path.Length <= root.Length || Directory.Exists(path))
            return;
        if (File.Exists(path))
            throw new PublishException(PublishFailure.Final, $"{path} is a file, where a folder has to be");
        string parent = Path.GetDirectoryName(path)!;
        CreateFolder(root, parent);
        Directory.CreateDirectory(path);
        FlushFolder(parent);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
