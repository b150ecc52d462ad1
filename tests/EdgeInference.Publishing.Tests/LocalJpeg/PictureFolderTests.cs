using System.Text;
using EdgeInference.Publishing.LocalJpeg;

namespace EdgeInference.Publishing.Tests.LocalJpeg;

public sealed class PictureFolderTests : PictureFolderTest
{
    [Fact]
    public void Write_MoreThanMaxFiles_DeletesTheOldest()
    {
        WriteAll(NoLimits with { Files = 3 }, "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg");

        Assert.Equal(["3.jpg", "4.jpg", "5.jpg"], Pictures());
    }

    [Fact]
    public void Write_MoreThanMaxBytes_DeletesTheOldest()
    {
        using PictureFolder folder = Open(NoLimits with { Bytes = 100 });
        Write(folder, "1.jpg", 40);
        Write(folder, "2.jpg", 40);
        Write(folder, "3.jpg", 20);
        Assert.Equal(["1.jpg", "2.jpg", "3.jpg"], Pictures());

        Write(folder, "4.jpg", 41);

        Assert.Equal(["3.jpg", "4.jpg"], Pictures());
    }

    [Fact]
    public void Write_OlderThanMaxAge_AreDeleted()
    {
        using PictureFolder folder = Open(NoLimits with { Age = TimeSpan.FromHours(1) });
        Write(folder, "1.jpg");
        Time.Advance(TimeSpan.FromMinutes(30));
        Write(folder, "2.jpg");
        Time.Advance(TimeSpan.FromMinutes(30));
        Write(folder, "3.jpg");
        Assert.Equal(["1.jpg", "2.jpg", "3.jpg"], Pictures());

        Time.Advance(TimeSpan.FromMinutes(1));
        Write(folder, "4.jpg");

        Assert.Equal(["2.jpg", "3.jpg", "4.jpg"], Pictures());
    }

    /// <summary>The clock is set back by hours: what is over the limits goes all the same, oldest first, and nothing before its age.</summary>
    [Fact]
    public void Write_ClockIsSetBackAndForth_KeepsTheLimits()
    {
        using PictureFolder folder = Open(NoLimits with { Files = 3, Age = TimeSpan.FromHours(1) });
        Write(folder, "1.jpg");
        Time.Jump(TimeSpan.FromHours(-5));
        foreach (string name in (string[])["2.jpg", "3.jpg", "4.jpg"])
            Write(folder, name);
        Assert.Equal(["2.jpg", "3.jpg", "4.jpg"], Pictures());

        Time.Jump(TimeSpan.FromMinutes(59));
        Write(folder, "5.jpg");
        Assert.Equal(["3.jpg", "4.jpg", "5.jpg"], Pictures());

        Time.Jump(TimeSpan.FromHours(5));
        Write(folder, "6.jpg");
        Assert.Equal(["6.jpg"], Pictures());
    }

    [Fact]
    public void Write_PictureLargerThanAllMayBe_IsPermanentAndDeletesNothing()
    {
        using PictureFolder folder = Open(NoLimits with { Bytes = 100 });
        Write(folder, "1.jpg");

        var exception = Assert.Throws<PublishException>(() => Write(folder, "2.jpg", 101));

        Assert.Equal(PublishFailure.Permanent, exception.Failure);
        Assert.Contains("LimitMegabytes", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["1.jpg"], Pictures());
    }

    [Fact]
    public void Write_AfterRestart_StillKnowsWhatItWrote()
    {
        PictureLimits limits = NoLimits with { Files = 2 };
        WriteAll(limits, "1.jpg");
        WriteAll(limits, "2.jpg");
        WriteAll(limits, "3.jpg");

        Assert.Equal(["2.jpg", "3.jpg"], Pictures());
    }

    [Fact]
    public void Write_LimitLoweredAtRestart_DeletesTheOldest()
    {
        WriteAll(NoLimits, "1.jpg", "2.jpg", "3.jpg", "4.jpg");

        WriteAll(NoLimits with { Files = 2 }, "5.jpg");

        Assert.Equal(["4.jpg", "5.jpg"], Pictures());
    }

    [Fact]
    public void Write_ForeignFilesBeside_StayAndAreNotCounted()
    {
        Directory.CreateDirectory(PathOf("day"));
        File.WriteAllText(PathOf("0.jpg"), "foreign");
        File.WriteAllText(PathOf("day/0.jpg"), "foreign");
        File.WriteAllText(PathOf("day/1.jpg.0123456789abcdef0123456789abcdef.partial"), "foreign");

        WriteAll(NoLimits with { Files = 2 }, "day/1.jpg", "day/2.jpg", "day/3.jpg");
        WriteAll(NoLimits with { Files = 1 }, "4.jpg");

        Assert.Equal(["0.jpg", "4.jpg", "day/0.jpg", "day/1.jpg.0123456789abcdef0123456789abcdef.partial"], Pictures());
    }

    [Fact]
    public void Write_PictureWasReplacedByAnotherSize_IsNotOursAnyMore()
    {
        WriteAll(NoLimits, "1.jpg", "2.jpg");
        File.WriteAllText(PathOf("1.jpg"), "foreign");

        WriteAll(NoLimits with { Files = 1 }, "3.jpg", "4.jpg");

        Assert.Equal(["1.jpg", "4.jpg"], Pictures());
        Assert.Equal("foreign", File.ReadAllText(PathOf("1.jpg")));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void Write_NameIsTakenByAForeignFile_IsFinalAndLeavesItAlone(int bytes)
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(PathOf("snapshot.jpg"), new string('x', bytes));
        using PictureFolder folder = Open(NoLimits with { Files = 1 });

        var exception = Assert.Throws<PublishException>(() => Write(folder, "snapshot.jpg"));
        Write(folder, "2.jpg");
        Write(folder, "3.jpg");

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal($"{PathOf("snapshot.jpg")} is not a picture of this service: FileName or Directory has to be changed", exception.Message);
        Assert.Equal(["3.jpg", "snapshot.jpg"], Pictures());
        Assert.Equal(new string('x', bytes), File.ReadAllText(PathOf("snapshot.jpg")));
    }

    [Fact]
    public void Write_OwnPictureOfTheNameWasReplacedBySomebody_IsFinalUntilItIsMovedAway()
    {
        WriteAll(NoLimits, "latest.jpg");
        File.WriteAllText(PathOf("latest.jpg"), "foreign");

        var exception = Assert.Throws<PublishException>(() => WriteAll(NoLimits, "latest.jpg"));
        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("foreign", File.ReadAllText(PathOf("latest.jpg")));

        File.Move(PathOf("latest.jpg"), PathOf("mine.jpg"));
        WriteAll(NoLimits, "latest.jpg");
        Assert.Equal(["latest.jpg", "mine.jpg"], Pictures());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_NameIsTakenByASymbolicLink_IsFinalAndLeavesItAlone(bool leadsAnywhere)
    {
        Directory.CreateDirectory(Root);
        string target = Path.Combine(Beside, "target");
        if (leadsAnywhere)
            File.WriteAllText(target, "foreign");
        File.CreateSymbolicLink(PathOf("1.jpg"), target);

        Assert.Equal(PublishFailure.Final, Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg")).Failure);

        Assert.Equal(target, new FileInfo(PathOf("1.jpg")).LinkTarget);
    }

    [Fact]
    public void Write_NameIsThatOfAnotherStreamsPicture_IsFinal()
    {
        WriteAll(NoLimits, "latest.jpg");
        using PictureFolder other = Open(NoLimits, "line2");

        Assert.Equal(PublishFailure.Final, Assert.Throws<PublishException>(() => Write(other, "latest.jpg")).Failure);
    }

    [Fact]
    public void Write_IndexIsGoneAndNameIsTaken_IsFinal()
    {
        WriteAll(NoLimits, "1.jpg");
        File.Delete(IndexPath);

        Assert.Equal(PublishFailure.Final, Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg")).Failure);
        Assert.Equal(["1.jpg"], Pictures());
    }

    [Fact]
    public void Write_CrashAfterThePictureHadItsName_SameReportReplacesIt()
    {
        WriteAll(NoLimits, "1.jpg");
        var entry = new PictureEntry(Time.GetUtcNow(), 20, Guid.NewGuid(), "2.jpg");
        File.AppendAllBytes(IndexPath, entry.ToLine());
        File.WriteAllText(PathOf("2.jpg"), new string('x', 20));

        using (PictureFolder folder = Open(NoLimits))
            Write(folder, "2.jpg", 20, entry.Id);

        Assert.Equal(["1.jpg", "2.jpg"], Pictures());
        Assert.Equal(new byte[20], File.ReadAllBytes(PathOf("2.jpg")));
    }

    [Fact]
    public void Write_CrashBeforeAPictureWasReplaced_SameReportReplacesIt()
    {
        WriteAll(NoLimits, "latest.jpg");
        var entry = new PictureEntry(Time.GetUtcNow(), 20, Guid.NewGuid(), "latest.jpg");
        File.AppendAllBytes(IndexPath, entry.ToLine());
        File.WriteAllText(PathOf(entry.PartialName), "half");

        using (PictureFolder folder = Open(NoLimits))
            Write(folder, "latest.jpg", 20, entry.Id);

        Assert.Equal(["latest.jpg"], Pictures());
        Assert.Equal(20, new FileInfo(PathOf("latest.jpg")).Length);
    }

    [Fact]
    public void Write_PicturesWereMovedAway_AreForgotten()
    {
        WriteAll(NoLimits, "a/1.jpg", "a/2.jpg", "a/3.jpg");
        Directory.Delete(PathOf("a"), recursive: true);

        WriteAll(NoLimits with { Files = 2 }, "4.jpg", "5.jpg");

        Assert.Equal(["4.jpg", "5.jpg"], Pictures());
    }

    [Fact]
    public void Write_PictureIsNowASymbolicLink_LeavesLinkAndTargetAlone()
    {
        WriteAll(NoLimits, "1.jpg");
        string target = Path.Combine(Beside, "target");
        File.Move(PathOf("1.jpg"), target);
        File.CreateSymbolicLink(PathOf("1.jpg"), target);

        WriteAll(NoLimits with { Files = 1 }, "2.jpg", "3.jpg");

        Assert.True(File.Exists(target));
        Assert.Equal(["1.jpg", "3.jpg"], Pictures());
    }

    [Fact]
    public void Write_FolderIsNowASymbolicLink_DeletesNothingBehindIt()
    {
        WriteAll(NoLimits, "a/1.jpg");
        string target = Path.Combine(Beside, "elsewhere");
        Directory.Move(PathOf("a"), target);
        Directory.CreateSymbolicLink(PathOf("a"), target);

        WriteAll(NoLimits with { Files = 1 }, "2.jpg", "3.jpg");

        Assert.True(File.Exists(Path.Combine(target, "1.jpg")));
    }

    [Fact]
    public void Write_ThroughASymbolicLink_IsFinal()
    {
        string target = Directory.CreateDirectory(Path.Combine(Beside, "elsewhere")).FullName;
        Directory.CreateDirectory(Root);
        Directory.CreateSymbolicLink(PathOf("a"), target);

        var exception = Assert.Throws<PublishException>(() => WriteAll(NoLimits, "a/1.jpg"));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Contains("symbolic link", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(target));
    }

    [Fact]
    public void Write_FolderItselfIsASymbolicLink_Works()
    {
        string target = Directory.CreateDirectory(Path.Combine(Beside, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Root, target);

        WriteAll(NoLimits with { Files = 1 }, "a/1.jpg", "a/2.jpg");

        Assert.Equal(["2.jpg"], Directory.GetFiles(Path.Combine(target, "a")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../victim")]
    [InlineData("a/../../victim")]
    [InlineData("{beside}/victim")]
    [InlineData("./../victim")]
    [InlineData("link/victim")]
    [InlineData("keep\\..\\victim")]
    [InlineData(".edge-inference-line2.index")]
    public void Write_IndexWasTamperedWith_DeletesNothingOutsideOrOfOurOwn(string name)
    {
        WriteAll(NoLimits, "a/1.jpg");
        string victim = Path.Combine(Beside, "victim");
        File.WriteAllText(victim, "0123456789");
        File.WriteAllText(PathOf(".edge-inference-line2.index"), "0123456789");
        Directory.CreateSymbolicLink(PathOf("link"), Beside);
        name = name.Replace("{beside}", Beside, StringComparison.Ordinal);
        string line = $"+ 2020-01-01T00:00:00.0000000Z 10 {Guid.NewGuid():N} {name}\n";
        File.WriteAllText(IndexPath, line + File.ReadAllText(IndexPath) + line + "+ x\n\n+\n- \nnot a line\n" + line);

        WriteAll(NoLimits with { Files = 1 }, "2.jpg", "3.jpg");

        Assert.Equal("0123456789", File.ReadAllText(victim));
        Assert.Equal("0123456789", File.ReadAllText(PathOf(".edge-inference-line2.index")));
        Assert.False(Has("a/1.jpg"));
        Assert.False(Has("2.jpg"));
        Assert.True(Has("3.jpg"));
    }

    [Fact]
    public void Write_LastLineOfTheIndexIsTorn_PassesOverIt()
    {
        WriteAll(NoLimits, "1.jpg");
        Directory.CreateDirectory(PathOf("a"));
        File.WriteAllText(PathOf("a/2"), "0123456789");
        File.AppendAllText(IndexPath, $"+ 2020-01-01T00:00:00.0000000Z 10 {Guid.NewGuid():N} a/2");

        WriteAll(NoLimits with { Files = 1 }, "3.jpg", "4.jpg");

        Assert.Equal(["4.jpg", "a/2"], Pictures());
        Assert.DoesNotContain("a/2", File.ReadAllText(IndexPath), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_IndexIsGone_LeavesEarlierPicturesAlone()
    {
        WriteAll(NoLimits, "1.jpg");
        File.Delete(IndexPath);

        WriteAll(NoLimits with { Files = 1 }, "2.jpg", "3.jpg");

        Assert.Equal(["1.jpg", "3.jpg"], Pictures());
    }

    [Fact]
    public void Write_FolderIsDeletedMeanwhile_BeginsAnew()
    {
        using PictureFolder folder = Open(NoLimits with { Files = 1 });
        Write(folder, "a/1.jpg");
        Directory.Delete(Root, recursive: true);

        Write(folder, "a/2.jpg");
        Write(folder, "a/3.jpg");

        Assert.Equal(["a/3.jpg"], Pictures());
    }

    [Fact]
    public void Write_IndexIsASymbolicLink_IsFinalAndLeavesTheTargetAlone()
    {
        Directory.CreateDirectory(Root);
        string target = Path.Combine(Beside, "target");
        File.WriteAllText(target, "no line feed");
        File.CreateSymbolicLink(IndexPath, target);

        var exception = Assert.Throws<PublishException>(() => WriteAll(NoLimits, "1.jpg"));

        Assert.Equal(PublishFailure.Final, exception.Failure);
        Assert.Equal("no line feed", File.ReadAllText(target));
    }

    [Fact]
    public void Write_SameReportAgain_CountsOnce()
    {
        PictureLimits limits = NoLimits with { Files = 2 };
        var id = Guid.NewGuid();
        using (PictureFolder folder = Open(limits))
        {
            Write(folder, "1.jpg");
            Write(folder, "2.jpg", id: id);
            Write(folder, "2.jpg", id: id);
        }

        using (PictureFolder folder = Open(limits))
            Write(folder, "2.jpg", id: id);

        Assert.Equal(["1.jpg", "2.jpg"], Pictures());
    }

    [Fact]
    public void Write_OneNameForAllPictures_KeepsItOverManyPicturesAndASmallIndex()
    {
        using PictureFolder folder = Open(NoLimits with { Files = 1 });
        for (int i = 1; i <= 2500; i++)
        {
            Write(folder, "latest.jpg", i);
            Assert.True(Has("latest.jpg"));
        }

        Assert.Equal(2500, new FileInfo(PathOf("latest.jpg")).Length);
        Assert.InRange(new FileInfo(IndexPath).Length, 1, 120_000);
    }

    [Fact]
    public void Write_TwoStreamsInOneFolder_EachHasItsOwnLimit()
    {
        using PictureFolder first = Open(NoLimits with { Files = 1 });
        using PictureFolder second = Open(NoLimits with { Files = 2 }, "line2");
        foreach (string name in (string[])["1", "2", "3"])
        {
            Write(first, $"day/a{name}.jpg");
            Write(second, $"day/b{name}.jpg");
        }

        Assert.Equal(["day/a3.jpg", "day/b2.jpg", "day/b3.jpg"], Pictures());
    }

    [Fact]
    public async Task Write_TwoStreamsWhoseFoldersComeAndGo_LoseNothing()
    {
        using PictureFolder first = Open(NoLimits with { Files = 1 });
        using PictureFolder second = Open(NoLimits with { Files = 1 }, "line2");

        // Each deletes folders that are empty at times, while the other puts pictures there.
        await Task.WhenAll(Task.Run(() => Run(first, "a")), Task.Run(() => Run(second, "b")));

        Assert.Equal(2, Pictures().Length);

        void Run(PictureFolder folder, string prefix)
        {
            for (int i = 0; i < 300; i++)
                Write(folder, $"{i % 2}/day/{prefix}.jpg");
        }
    }

    [Fact]
    public void Write_OtherProcessHasTheIndex_WaitsForIt()
    {
        using PictureFolder first = Open(NoLimits);
        Write(first, "1.jpg");
        using PictureFolder second = Open(NoLimits with { Files = 1 });

        var exception = Assert.Throws<PublishException>(() => Write(second, "2.jpg"));
        first.Dispose();
        Write(second, "3.jpg");

        Assert.Equal(PublishFailure.Temporary, exception.Failure);
        Assert.Contains("another process", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["3.jpg"], Pictures());
    }

    [Fact]
    public void Write_FoldersBecomeEmpty_AreDeletedUpToTheConfiguredOne()
    {
        WriteAll(NoLimits, "line1/2026/01/30/1.jpg", "line1/2026/01/31/2.jpg");
        Directory.CreateDirectory(PathOf("line1/2026/02"));

        WriteAll(NoLimits with { Files = 1 }, "line1/2026/01/31/3.jpg");
        Assert.False(Directory.Exists(PathOf("line1/2026/01/30")));
        Assert.True(Directory.Exists(PathOf("line1/2026/01/31")));

        WriteAll(NoLimits with { Files = 1 }, "4.jpg");
        Assert.False(Directory.Exists(PathOf("line1/2026/01")));
        Assert.True(Directory.Exists(PathOf("line1/2026/02")));
    }

    [Fact]
    public void Write_MostAreForgotten_RewritesTheIndexAndStillKnowsTheRest()
    {
        using (PictureFolder folder = Open(NoLimits with { Files = 20 }))
        {
            for (int i = 0; i < 3000; i++)
                Write(folder, $"{i:0000}.jpg");
        }

        Assert.InRange(File.ReadLines(IndexPath).Count(), 20, 1100);
        WriteAll(NoLimits with { Files = 2 }, "3000.jpg");

        Assert.Equal(["2999.jpg", "3000.jpg"], Pictures());
        Assert.Equal([IndexPath], Directory.GetFiles(Root, ".edge-inference-*"));
    }

    [Fact]
    public void Write_CrashBeforeThePictureHadItsName_DeletesWhatWasLeft()
    {
        WriteAll(NoLimits, "day/1.jpg");
        var entry = new PictureEntry(Time.GetUtcNow(), 10, Guid.NewGuid(), "day/2.jpg");
        File.AppendAllBytes(IndexPath, entry.ToLine());
        File.WriteAllText(PathOf(entry.PartialName), "half");

        WriteAll(NoLimits with { Files = 2 }, "day/3.jpg");

        Assert.Equal(["day/1.jpg", "day/3.jpg"], Pictures());
    }

    [Fact]
    public void Write_CrashBeforeTheReplacedPictureWasForgotten_CountsOnce()
    {
        WriteAll(NoLimits, "1.jpg", "2.jpg");
        File.AppendAllBytes(IndexPath, new PictureEntry(Time.GetUtcNow(), 10, Guid.NewGuid(), "2.jpg").ToLine());

        WriteAll(NoLimits with { Files = 3 }, "3.jpg");

        Assert.Equal(["1.jpg", "2.jpg", "3.jpg"], Pictures());
    }

    [Fact]
    public void Write_CrashWhileTheIndexWasRewritten_KeepsTheOldOne()
    {
        WriteAll(NoLimits, "1.jpg");
        File.WriteAllText(IndexPath + ".new", "half");

        WriteAll(NoLimits with { Files = 1 }, "2.jpg");

        Assert.Equal(["2.jpg"], Pictures());
        Assert.False(File.Exists(IndexPath + ".new"));
    }

    [Fact]
    public void Write_AnyName_WritesALineThatIsReadBack()
    {
        const string Name = "Halle 1/Prüfung – 日本/1.jpg";
        WriteAll(NoLimits, Name);

        string line = File.ReadLines(IndexPath).Last();

        Assert.Equal(Name, PictureEntry.Parse(Encoding.UTF8.GetBytes(line))?.Name);
    }
}
