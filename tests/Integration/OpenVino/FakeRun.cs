using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Integration.Tests.OpenVino;

/// <summary>Runs of the real program beside the fake OpenVINO.</summary>
internal static class FakeRun
{
    private const string Log = "FAKE_OPENVINO_LOG";

    /// <summary>The variables that let the program find the fake of a release, and steer it: see tests/OpenVinoFake/control.c.</summary>
    public static Dictionary<string, string> Environment(FakeRelease release, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["EDGEINFERENCE_OPENVINO"] = FakeOpenVinoCompiler.Compile(release),
            [Log] = Path.Combine(FakeOpenVinoCompiler.CreateFolder(), "counts"),
        };
        foreach ((string name, string value) in settings)
            environment[name] = value;
        return environment;
    }

    /// <summary>What the fake counted, once the program has ended.</summary>
    public static FakeOpenVinoLog LogOf(IReadOnlyDictionary<string, string> environment) => FakeOpenVinoLog.Read(environment[Log]);

    public static bool WasUsed(IReadOnlyDictionary<string, string> environment) => File.Exists(environment[Log]);

    /// <summary>Nothing was done wrongly, and nothing left but the core, which the program keeps.</summary>
    public static void AssertClean(FakeOpenVinoLog log)
    {
        Assert.Empty(log.Violations);
        Assert.Equal([new("core", 1L)], log.Live);
    }
}
