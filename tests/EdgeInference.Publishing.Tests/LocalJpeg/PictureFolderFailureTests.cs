using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeInference.Publishing.LocalJpeg;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

public sealed partial class PictureFolderFailureTests : PictureFolderTest
{
    private const int Nobody = 65534;

    [RootFact]
    public void Write_DiskIsFull_IsTemporaryAndLeavesNothingBehind()
    {
        using var disk = new SmallDisk(Root);
        using PictureFolder folder = Open(NoLimits);
        Write(folder, "a/1.jpg", 150_000);
        long index = new FileInfo(IndexPath).Length;

        var exception = Assert.Throws<PublishException>(() => Write(folder, "a/2.jpg", 150_000));

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal($"no space left on the disk of {Root}", exception.Message);
        Assert.NotNull(exception.InnerException);
        Assert.Equal(["a/1.jpg"], Pictures());
        Assert.Equal(index, new FileInfo(IndexPath).Length);

        // Somebody makes room.
        File.Delete(PathOf("a/1.jpg"));
        Write(folder, "a/2.jpg", 150_000);
        Assert.Equal(["a/2.jpg"], Pictures());
    }

    [RootFact]
    public void Write_DiskIsFullToTheLastByte_KeepsTheIndexWhole()
    {
        using var disk = new SmallDisk(Root);
        using PictureFolder folder = Open(NoLimits);
        Write(folder, "1.jpg", 100);
        disk.Fill();
        for (int i = 0; i < 200; i++)
            Assert.Equal(PublishFailure.Temporary, Assert.Throws<PublishException>(() => Write(folder, $"{new string('x', 190)}.jpg", 8192)).Failure);

        File.Delete(PathOf("filler"));
        Write(folder, "2.jpg", 100);

        folder.Dispose();
        Assert.Equal(["1.jpg", "2.jpg"], Pictures());
        Assert.Equal(3, File.ReadLines(IndexPath).Count());
    }

    [RootFact]
    public void Write_DiskIsFullAndLimitsWereLowered_MakesRoomFirst()
    {
        using var disk = new SmallDisk(Root);
        using (PictureFolder folder = Open(NoLimits))
        {
            Write(folder, "1.jpg", 50_000);
            Write(folder, "2.jpg", 50_000);
            disk.Fill();
        }

        using (PictureFolder folder = Open(NoLimits with { Files = 1 }))
            Write(folder, "3.jpg", 40_000);

        Assert.Equal(["3.jpg", "filler"], Pictures());
    }

    [RootFact]
    public void Write_DiskIsReadOnly_IsTemporaryUntilItIsNot()
    {
        using var disk = new SmallDisk(Root);
        using PictureFolder folder = Open(NoLimits);
        Write(folder, "1.jpg");
        folder.Dispose();
        disk.Remount("ro");

        var exception = Assert.Throws<PublishException>(() => Write(folder, "2.jpg"));
        disk.Remount("rw");
        Write(folder, "3.jpg");

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Equal($"the disk of {Root} is read-only", exception.Message);
        Assert.Equal(["1.jpg", "3.jpg"], Pictures());
    }

    [Fact]
    public void Write_MayNotWriteToTheFolder_IsFinal()
    {
        Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(Beside, File.GetUnixFileMode(Beside) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);

        PublishException exception = AsNobody(() => Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg")));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains(Root, exception.Message, StringComparison.Ordinal);
        Assert.Contains("denied", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MayNotMakeTheFolder_IsFinal()
    {
        File.SetUnixFileMode(Beside, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);

        PublishException exception = AsNobody(() => Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg")));

        File.SetUnixFileMode(Beside, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains(Root, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FileWhereTheFolderShouldBe_IsFinal()
    {
        File.WriteAllText(Root, "");

        var exception = Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg"));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains($"{Root} is a file", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FolderThatTheSystemRefuses_IsFinal()
    {
        using var folder = new PictureFolder("/proc/edge-inference", "line1", NoLimits, Time);

        var exception = Assert.Throws<PublishException>(() => Write(folder, "1.jpg"));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains("/proc/edge-inference", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NameIsTakenByAFolder_IsPermanentAndOthersAreWritten()
    {
        Directory.CreateDirectory(PathOf("1.jpg"));
        using PictureFolder folder = Open(NoLimits);

        var exception = Assert.Throws<PublishException>(() => Write(folder, "1.jpg"));
        Write(folder, "2.jpg");

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Equal(["2.jpg"], Pictures());
    }

    [Theory]
    [InlineData(".edge-inference-line1.index")]
    [InlineData("a/.edge-inference-x")]
    [InlineData("{long}.jpg")]
    [InlineData("{long}/1.jpg")]
    public void Write_NameOfOurOwnFilesOrTooLong_IsFinal(string name)
    {
        name = name.Replace("{long}", new string('x', 256), StringComparison.Ordinal);

        var exception = Assert.Throws<PublishException>(() => WriteAll(NoLimits, name));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains("FileName", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs as a user without rights, for this thread alone; root may write anywhere.</summary>
    private static PublishException AsNobody(Func<PublishException> action)
    {
        int before = SetFileSystemUser(Nobody);
        try
        {
            return action();
        }
        finally
        {
            Assert.Equal(before == 0 ? Nobody : before, SetFileSystemUser(before));
        }
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(int user);

    /// <summary>A disk of 256 kB.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _path;

        public SmallDisk(string path)
        {
            _path = path;
            Directory.CreateDirectory(path);
            Run("mount", "-t", "tmpfs", "-o", "size=256k", "edge-inference-test", path);
        }

        public void Remount(string mode) => Run("mount", "-o", $"remount,{mode}", _path);

        public void Fill()
        {
            using FileStream filler = File.Create(Path.Combine(_path, "filler"), bufferSize: 0);
            try
            {
                while (true)
                    filler.Write(new byte[1024]);
            }
            catch (IOException)
            {
                // It is full now.
            }
        }

        public void Dispose() => Run("umount", "-l", _path);

        private static void Run(string program, params string[] arguments)
        {
            using Process process = Process.Start(program, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}

/// <summary>A fact that mounts a disk of its own, as only root may; continuous integration runs as root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
            Skip = "Only root can mount a small disk.";
    }
}
