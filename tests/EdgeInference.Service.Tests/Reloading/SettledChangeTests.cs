using EdgeInference.Service.Reloading;

namespace EdgeInference.Service.Tests.Reloading;

public sealed class SettledChangeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void IsDue_NothingHappens_NeverIs()
    {
        File.WriteAllText(PathOf("a"), "1");
        var change = new SettledChange([PathOf("a"), PathOf("missing")]);

        Assert.Equal([false, false, false], Look(change, 3));
    }

    [Fact]
    public void IsDue_FileIsBeingWritten_WaitsUntilItIsTheSameTwice()
    {
        File.WriteAllText(PathOf("a"), "1");
        var change = new SettledChange([PathOf("a")]);

        File.WriteAllText(PathOf("a"), "12");
        Assert.False(change.IsDue());
        File.WriteAllText(PathOf("a"), "123");
        Assert.False(change.IsDue());

        Assert.Equal([true, false, false], Look(change, 3));
    }

    [Fact]
    public void IsDue_FileComesAndGoes_TellsBoth()
    {
        var change = new SettledChange([PathOf("a")]);

        File.WriteAllText(PathOf("a"), "1");
        Assert.Equal([false, true, false], Look(change, 3));
        File.Delete(PathOf("a"));
        Assert.Equal([false, true, false], Look(change, 3));
    }

    [Fact]
    public void IsDue_ChangeIsTakenBackBeforeItSettled_IsNone()
    {
        File.WriteAllText(PathOf("a"), "1");
        var change = new SettledChange([PathOf("a")]);
        DateTime written = File.GetLastWriteTimeUtc(PathOf("a"));

        File.WriteAllText(PathOf("a"), "12");
        Assert.False(change.IsDue());
        File.WriteAllText(PathOf("a"), "1");
        File.SetLastWriteTimeUtc(PathOf("a"), written);

        Assert.Equal([false, false, false], Look(change, 3));
    }

    [Fact]
    public void IsDue_LinkLeadsElsewhere_IsAChange()
    {
        // As deployments switch versions: same length, same time.
        var time = new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);
        foreach (string version in (string[])["v1", "v2"])
        {
            File.WriteAllText(PathOf(version), version);
            File.SetLastWriteTimeUtc(PathOf(version), time);
        }

        File.CreateSymbolicLink(PathOf("current"), PathOf("v1"));
        var change = new SettledChange([PathOf("current")]);

        File.Delete(PathOf("current"));
        File.CreateSymbolicLink(PathOf("current"), PathOf("v2"));

        Assert.Equal([false, true, false], Look(change, 3));
    }

    [Fact]
    public void IsDue_FolderOfItLeadsElsewhere_IsAChange()
    {
        foreach (string version in (string[])["v1", "v2"])
        {
            Directory.CreateDirectory(PathOf(version));
            File.WriteAllText(Path.Combine(PathOf(version), "a"), version);
            File.SetLastWriteTimeUtc(Path.Combine(PathOf(version), "a"), DateTime.UnixEpoch);
        }

        Directory.CreateSymbolicLink(PathOf("current"), PathOf("v1"));
        var change = new SettledChange([Path.Combine(PathOf("current"), "a")]);

        Directory.Delete(PathOf("current"));
        Directory.CreateSymbolicLink(PathOf("current"), PathOf("v2"));

        Assert.Equal([false, true, false], Look(change, 3));
    }

    /// <summary>Some deployments set all times to the same one.</summary>
    [Fact]
    public void IsDue_AnotherFileAsLongAndAsOld_IsAChange()
    {
        foreach (string name in (string[])["a", "b"])
        {
            File.WriteAllText(PathOf(name), name);
            File.SetLastWriteTimeUtc(PathOf(name), DateTime.UnixEpoch);
        }

        var change = new SettledChange([PathOf("a")]);

        File.Move(PathOf("b"), PathOf("a"), overwrite: true);

        Assert.Equal([false, true, false], Look(change, 3));
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static bool[] Look(SettledChange change, int times) => [.. Enumerable.Range(0, times).Select(_ => change.IsDue())];
}
