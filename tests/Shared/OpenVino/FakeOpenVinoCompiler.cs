using System.Collections.Concurrent;
using System.Diagnostics;

namespace EdgeInference.TestSupport.OpenVino;

/// <summary>The releases that the fake can play, by FAKE_VERSION.</summary>
public enum FakeRelease
{
    /// <summary>2023.1, which is too old.</summary>
    TooOld = 20231,

    /// <summary>2023.2: the first numbering of element types; no extensions.</summary>
    V2023 = 20232,

    /// <summary>2024.6: the second numbering; no extensions.</summary>
    V2024 = 20246,

    /// <summary>2025.4: the numbering of today; extensions.</summary>
    V2025 = 20254,

    /// <summary>2026.4: properties also as an array.</summary>
    V2026 = 20264,
}

/// <summary>
/// Compiles tests/OpenVinoFake, a stand-in for OpenVINO's C library, with the system's C compiler: once a release and
/// process, into a temporary folder that goes when the process ends.
/// </summary>
internal static class FakeOpenVinoCompiler
{
    private static readonly ConcurrentDictionary<FakeRelease, Lazy<string>> s_libraries = new();
    private static readonly Lazy<string> s_root = new(CreateRoot);

    /// <summary>As the file of such a release is named: libopenvino_c.so.2641.</summary>
    public static string FileName(FakeRelease release) => release switch
    {
        FakeRelease.TooOld => "libopenvino_c.so.2310",
        FakeRelease.V2023 => "libopenvino_c.so.2320",
        FakeRelease.V2024 => "libopenvino_c.so.2460",
        FakeRelease.V2025 => "libopenvino_c.so.2541",
        FakeRelease.V2026 => "libopenvino_c.so.2641",
        _ => throw new ArgumentOutOfRangeException(nameof(release), release, message: null),
    };

    /// <summary>The compiled library. To be copied: each copy that is loaded has a state of its own.</summary>
    public static string Compile(FakeRelease release) =>
        s_libraries.GetOrAdd(release, static release => new Lazy<string>(() => Run(release))).Value;

    /// <summary>A new folder that goes when the process ends.</summary>
    public static string CreateFolder() => Directory.CreateDirectory(Path.Combine(s_root.Value, Guid.NewGuid().ToString("N"))).FullName;

    private static string CreateRoot()
    {
        string root = Directory.CreateTempSubdirectory("edgeinference-fake-openvino-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            try
            {
                Directory.Delete(root, recursive: true);
            }
            catch (IOException)
            {
                // The next clean-up of the temporary folder takes it.
            }
        };
        return root;
    }

    /// <summary>Runs the C compiler, warnings being errors.</summary>
    public static void Cc(params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("cc") { RedirectStandardError = true, UseShellExecute = false };

        // -ffp-contract=off: the numbers are to be those of C#, which fuses nothing.
        foreach (string argument in (IEnumerable<string>)["-pthread", "-O1", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", .. arguments])
            start.ArgumentList.Add(argument);
        using Process compiler = Process.Start(start)!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException($"cc {string.Join(' ', start.ArgumentList)}:\n{errors}");
    }

    private static string Run(FakeRelease release)
    {
        string output = Path.Combine(CreateFolder(), FileName(release));
        string[] sources = Directory.GetFiles(TestData.InRepository("tests/OpenVinoFake"), "*.c");
        Cc(["-shared", "-fPIC", "-fvisibility=hidden", $"-DFAKE_VERSION={(int)release}", "-o", output, .. sources.Order(StringComparer.Ordinal)]);
        return output;
    }
}
