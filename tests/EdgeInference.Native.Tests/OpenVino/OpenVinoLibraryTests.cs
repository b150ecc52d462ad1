using System.Runtime.InteropServices;
using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.Tests.OpenVino;

public sealed class OpenVinoLibraryTests
{
    [Theory]
    [MemberData(nameof(OpenVinoTestBed.Releases), MemberType = typeof(OpenVinoTestBed))]
    public void Open_EachRelease_TellsItsVersionOnce(FakeRelease release)
    {
        OpenVinoTestBed bed = new(release);

        OpenVinoRuntime runtime = bed.Factory.Open();

        Assert.Equal(bed.Fake.Path, runtime.Path);
        Assert.StartsWith(FormattableString.Invariant($"{(int)release / 10}.{(int)release % 10}."), runtime.Version, StringComparison.Ordinal);
        Assert.Same(runtime, bed.Factory.Open());
        (LogLevel level, int id, string text) = Assert.Single(bed.Log.Lines);
        Assert.Equal((LogLevel.Information, 5100), (level, id));
        Assert.Equal($"OpenVINO {runtime.Api.Build} is used: {bed.Fake.Path}", text);
        Assert.Equal($"openvino {runtime.Api.Build}", bed.Factory.Fingerprint);
        bed.AssertClean();
    }

    [Fact]
    public void Open_TooOld_SaysWhichVersionAndWhatIsNeeded()
    {
        OpenVinoTestBed bed = new(FakeRelease.TooOld);

        InferenceException exception = Assert.Throws<InferenceException>(bed.Factory.Open);
        InferenceException again = Assert.Throws<InferenceException>(bed.Factory.Open);

        Assert.Equal($"OpenVINO cannot be used: {bed.Fake.Path} is OpenVINO 2023.1.0, which is too old: 2023.2 or newer is needed", exception.Message);
        Assert.Equal(exception.Message, again.Message);
        Assert.Equal(1, bed.Fake.Calls("ov_get_openvino_version"));
        bed.AssertNothingLeft();
    }

    [Fact]
    public void Open_NothingAtTheConfiguredPath_SaysSoInOneLine()
    {
        OpenVinoEngineFactory factory = new(new OpenVinoTestBed.ListLogger(), "/nowhere/openvino/libs");

        InferenceException exception = Assert.Throws<InferenceException>(factory.Open);

        Assert.Equal("OpenVINO cannot be used: /nowhere/openvino/libs: no such file or folder", exception.Message);
        Assert.Throws<InferenceException>(() => factory.Fingerprint);
        Assert.Throws<InferenceException>(() => factory.AddExtension("/lib/extension.so"));
        Assert.Throws<InferenceException>(() => factory.Load(OpenVinoTestModels.Small(), new EngineOptions()));
    }

    [Fact]
    public void LoadFirst_SeveralCandidates_TakesTheFirstThatCanBeUsed()
    {
        FakeOpenVino tooOld = new(FakeRelease.TooOld);
        FakeOpenVino good = new(FakeRelease.V2024);
        string noLibrary = Path.Combine(OpenVinoTestBed.CreateFolder(), "libopenvino_c.so");
        File.WriteAllText(noLibrary, "no library");

        OvApi api = OpenVinoLibrary.LoadFirst([new("/usr/lib", "no libopenvino_c.so.* there"), new(noLibrary), new("libm.so.6"), new(tooOld.Path), new(good.Path)]);

        Assert.Equal(good.Path, api.Path);
        Assert.Equal("2024.6.0", api.Version);
    }

    [Fact]
    public void LoadFirst_NoneCanBeUsed_ListsEachWithItsReasonInOneLine()
    {
        FakeOpenVino tooOld = new(FakeRelease.TooOld);
        string noLibrary = Path.Combine(OpenVinoTestBed.CreateFolder(), "libopenvino_c.so");
        File.WriteAllText(noLibrary, "no library");

        InferenceException exception = Assert.Throws<InferenceException>(
            () => OpenVinoLibrary.LoadFirst([new("/usr/lib", "no libopenvino_c.so.* there"), new(noLibrary), new("libm.so.6"), new(tooOld.Path)]));

        string[] lines = exception.Message.Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.Equal($"OpenVINO cannot be used: {noLibrary}: {noLibrary}: file too short", lines[0]);
        Assert.Equal("Tried:", lines[1]);
        Assert.Equal("  /usr/lib: no libopenvino_c.so.* there", lines[2]);
        Assert.Equal($"  {noLibrary}: {noLibrary}: file too short", lines[3]);
        Assert.Equal("  libm.so.6: is not an OpenVINO library: it has no ov_get_openvino_version", lines[4]);
        Assert.StartsWith($"  {tooOld.Path}: is OpenVINO 2023.1.0", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void LoadFirst_ArchiveWithThreadingInAFolderOfItsOwn_LoadsThatFirst()
    {
        string root = Path.Combine(OpenVinoTestBed.CreateFolder(), "runtime");
        string threading = CompileThreading(Path.Combine(root, "3rdparty/tbb/lib/libtbb.so.12"));
        string library = CompileFake(Path.Combine(root, "lib/intel64/libopenvino_c.so.2641"), "-Wl,--no-as-needed", threading);

        Assert.Equal(library, OpenVinoLibrary.LoadFirst([new(library)]).Path);
    }

    /// <summary>The linker knows a library that is loaded by its soname, too: so a name finds one that is in none of its folders.</summary>
    [Fact]
    public void LoadFirst_NameThatTheSystemFinds_HasTheFileAsItsPath()
    {
        const string Name = "libopenvino_c_of_the_system.so";
        string file = CompileFake(Path.Combine(OpenVinoTestBed.CreateFolder(), "libopenvino_c.so.2641"), $"-Wl,-soname,{Name}");
        NativeLibrary.Load(file);

        Assert.Equal(file, OpenVinoLibrary.LoadFirst([new(Name)]).Path);
    }

    [Fact]
    public void LoadFirst_CandidateCannotBeUsed_LeavesNothingOfItLoaded()
    {
        string root = Path.Combine(OpenVinoTestBed.CreateFolder(), "runtime");
        string threading = CompileThreading(Path.Combine(root, "3rdparty/tbb/lib/libtbb.so.12"));
        string tooOld = Path.Combine(Directory.CreateDirectory(Path.Combine(root, "lib/intel64")).FullName, "libopenvino_c.so.2310");
        File.Copy(FakeOpenVinoCompiler.Compile(FakeRelease.TooOld), tooOld);

        Assert.Throws<InferenceException>(() => OpenVinoLibrary.LoadFirst([new(tooOld)]));

        string loaded = File.ReadAllText("/proc/self/maps");
        Assert.DoesNotContain(tooOld, loaded, StringComparison.Ordinal);
        Assert.DoesNotContain(threading, loaded, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadFirst_NothingAnywhere_WasNotFound()
    {
        InferenceException exception = Assert.Throws<InferenceException>(
            static () => OpenVinoLibrary.LoadFirst([new("/usr/lib", "no libopenvino_c.so.* there"), new("libnot_there_c.so")]));

        Assert.StartsWith("OpenVINO was not found\nTried:\n  /usr/lib: no libopenvino_c.so.* there\n  libnot_there_c.so: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libopenvino_c.so.2641 libopenvino_c.so.2541 libopenvino_c.so.2460 libopenvino_c.so libopenvino_c.so.old", "libopenvino_c.so.2641")]
    [InlineData("libopenvino_c.so.2460 libopenvino_c.so.2500 libopenvino_c.so.999", "libopenvino_c.so.2500")]
    [InlineData("libopenvino_c.so libopenvino.so.2641", "libopenvino_c.so")]
    [InlineData("libopenvino.so.2641", null)]
    public void Find_ConfiguredFolder_TakesTheNewestByNumber(string files, string? expected)
    {
        string folder = OpenVinoTestBed.CreateFolder();
        foreach (string file in files.Split(' '))
            File.WriteAllText(Path.Combine(folder, file), "");

        OpenVinoCandidate candidate = Assert.Single(OpenVinoCandidates.Find(folder));

        Assert.Equal(expected is null ? folder : Path.Combine(folder, expected), candidate.Path);
        Assert.Equal(expected is null ? "no libopenvino_c.so.* in this folder" : null, candidate.Fault);
    }

    [Fact]
    public void Find_NothingConfigured_LooksInTheUsualPlacesInOrder()
    {
        string[] paths = [.. OpenVinoCandidates.Find(configuredPath: "").Select(static candidate => candidate.Path)];

        Assert.Contains("libopenvino_c.so", paths);
        Assert.True(Array.IndexOf(paths, "libopenvino_c.so") < Array.FindIndex(paths, static path => path.StartsWith("/usr/lib", StringComparison.Ordinal)));
        Assert.Contains(paths, static path => path.StartsWith("/usr/local/lib", StringComparison.Ordinal));
        Assert.Contains(paths, static path => path.StartsWith("/opt/intel/openvino", StringComparison.Ordinal));
        Assert.All(OpenVinoCandidates.LinkerFolders("/etc"), folder => Assert.Contains(paths, path => path.StartsWith(folder, StringComparison.Ordinal)));
        Assert.Equal(paths.Distinct(), paths);
    }

    [Fact]
    public void LinkerFolders_Configuration_GivesTheFoldersInOrder()
    {
        string etc = OpenVinoTestBed.CreateFolder();
        string included = Directory.CreateDirectory(Path.Combine(etc, "ld.so.conf.d")).FullName;
        File.WriteAllText(Path.Combine(etc, "ld.so.conf"), "include /etc/ld.so.conf.d/*.conf\n/opt/first/lib\n");
        File.WriteAllText(Path.Combine(included, "b.conf"), "/opt/third/lib # of another package\n");
        File.WriteAllText(Path.Combine(included, "a.conf"), "# /opt/comment/lib\n\n  /opt/second/lib\n");
        File.WriteAllText(Path.Combine(included, "c.conf.old"), "/opt/old/lib\n");

        Assert.Equal(["/opt/first/lib", "/opt/second/lib", "/opt/third/lib"], OpenVinoCandidates.LinkerFolders(etc));
        Assert.Empty(OpenVinoCandidates.LinkerFolders(Path.Combine(etc, "nowhere")));
    }

    /// <summary>Root may read everything: links that lead to themselves refuse it, too.</summary>
    [Fact]
    public void LinkerFolders_IncludedFolderCannotBeRead_GivesTheOthers()
    {
        string etc = OpenVinoTestBed.CreateFolder();
        string included = Path.Combine(etc, "ld.so.conf.d");
        File.CreateSymbolicLink(included, included);
        File.WriteAllText(Path.Combine(etc, "ld.so.conf"), "/opt/first/lib\n");

        Assert.Equal(["/opt/first/lib"], OpenVinoCandidates.LinkerFolders(etc));
    }

    [Fact]
    public void FileAt_MapCannotBeRead_IsUnknown()
    {
        nint address = NativeLibrary.GetExport(NativeLibrary.Load("libm.so.6"), "cos");

        Assert.EndsWith("/libm.so.6", MemoryMap.FileAt(address), StringComparison.Ordinal);
        Assert.Null(MemoryMap.FileAt(address, OpenVinoTestBed.CreateFolder()));
        Assert.Null(MemoryMap.FileAt(address, "/nowhere/maps"));
    }

    [Theory]
    [InlineData("2026.4.1-23117-abcdef-releases/2026/4", "2026.4.1", false)]
    [InlineData("2023.2.0-13089-cfd42bd2cb0-HEAD", "2023.2.0", false)]
    [InlineData("2023.1.0-12185-9e6b00e51cd-releases/2023/1", "2023.1.0", true)]
    [InlineData("2022.3.0-9052-9752fafe8eb-releases/2022/3", "2022.3.0", true)]
    [InlineData("custom_releases/2024/6_4c0f47d2335", "2024.6", false)]
    [InlineData("custom_master_4c0f47d2335", "custom_master_4c0f47d2335", false)]
    public void Shorten_BuildNumbers_GivesTheRelease(string build, string version, bool tooOld)
    {
        Assert.Equal(version, OpenVinoVersion.Shorten(build));
        Assert.Equal(tooOld, OpenVinoVersion.IsTooOld(build));
    }

    private static string CompileThreading(string output)
    {
        string source = Path.Combine(OpenVinoTestBed.CreateFolder(), "threading.c");
        File.WriteAllText(source, "int threading;\n");
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        FakeOpenVinoCompiler.Cc("-shared", "-fPIC", "-Wl,-soname,libtbb.so.12", "-o", output, source);
        return output;
    }

    private static string CompileFake(string output, params string[] arguments)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        string[] sources = Directory.GetFiles(TestData.InRepository("tests/OpenVinoFake"), "*.c");
        FakeOpenVinoCompiler.Cc(["-shared", "-fPIC", "-fvisibility=hidden", "-o", output, .. sources, .. arguments]);
        return output;
    }
}
