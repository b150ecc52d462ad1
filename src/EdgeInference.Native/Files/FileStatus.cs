using System.Runtime.InteropServices;

namespace EdgeInference.Native.Files;

/// <summary>What Linux says of a file beside what .NET tells: which one it is.</summary>
/// <param name="Length">Its length.</param>
/// <param name="WrittenAt">When it was written, UTC.</param>
/// <param name="Inode">Its number on its file system.</param>
/// <param name="Device">The number of that.</param>
public readonly partial record struct FileStatus(long Length, DateTime WrittenAt, ulong Inode, ulong Device)
{
    private const int CurrentFolder = -100;
    private const uint BasicMask = 0x7ff;

    /// <summary>The status of a file; links are followed. Null where there is none, or it cannot be looked at.</summary>
    public static FileStatus? Of(string path) => GetStatus(CurrentFolder, path, flags: 0, BasicMask, out StatxBuffer status) == 0
        ? new FileStatus(
            (long)status.Size,
            DateTime.UnixEpoch.AddSeconds(status.WrittenSeconds).AddTicks(status.WrittenNanoseconds / TimeSpan.NanosecondsPerTick),
            status.Inode,
            ((ulong)status.DeviceMajor << 32) | status.DeviceMinor)
        : null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out StatxBuffer status);

    /// <summary>struct statx, which is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long WrittenSeconds;

        [FieldOffset(120)]
        public uint WrittenNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
