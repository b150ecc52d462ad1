using EdgeInference.Functions;
using EdgeInference.Inference;
using static EdgeInference.Tests.Functions.TestTensors;

namespace EdgeInference.Tests.Functions;

public sealed class FunctionKindTests
{
    public static TheoryData<FunctionKind, string> Models => new()
    {
        { FunctionKind.Detection, "detection_out:1,1,200,7" },
        { FunctionKind.Detection, "scores:1,4420,2;boxes:1,4420,4" },
        { FunctionKind.Detection, "boxes:-1,4;labels:-1;scores:-1" },
        { FunctionKind.Classification, "prob:1,1000,1,1" },
        { FunctionKind.Classification, "color:1,7,1,1;type:1,4,1,1" },
        { FunctionKind.Classification, "a:1,4;b:1,7" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void For_Auto_FollowsTheOutputs(FunctionKind expected, string outputs) =>
        Assert.Equal(expected, FunctionKind.Auto.For(Model([.. outputs.Split(';').Select(Parse)])));

    [Theory]
    [InlineData(FunctionKind.Classification)]
    [InlineData(FunctionKind.Detection)]
    public void For_Configured_StaysAsItIs(FunctionKind configured)
    {
        Assert.Equal(configured, configured.For(Model(Output("detection_out", 1, 1, 200, 7))));
        Assert.Equal(configured, configured.For(Model(Output("prob", 1, 1000))));
    }

    private static TensorInfo Parse(string text)
    {
        string[] parts = text.Split(':');
        return Output(parts[0], [.. parts[1].Split(',').Select(static size => long.Parse(size, System.Globalization.CultureInfo.InvariantCulture))]);
    }
}
