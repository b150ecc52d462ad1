using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Integration.Tests.OpenVino;

/// <summary>Runs the real program beside the fake OpenVINO.</summary>
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

    /// <summary>The counts that the fake wrote when the program ended: "inferences 500", "live core 1", "violations 0".</summary>
    public static string[] CountsOf(IReadOnlyDictionary<string, string> environment) => File.ReadAllLines(environment[Log]);

    /// <summary>Nothing was done wrongly, and what the program left behind is the core, which it keeps, and what it declares.</summary>
    public static void AssertClean(IReadOnlyDictionary<string, string> environment, params string[] declared)
    {
        string[] counts = CountsOf(environment);
        Assert.Contains("violations 0", counts);
        Assert.Equal(["live core 1", .. declared], counts.Where(static line => line.StartsWith("live ", StringComparison.Ordinal)));
    }
}
