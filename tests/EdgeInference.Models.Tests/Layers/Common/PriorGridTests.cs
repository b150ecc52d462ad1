using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

public sealed class PriorGridTests
{
    [Theory]
    [InlineData("PriorBox", 1, new long[] { 2 })]
    [InlineData("PriorBox", 8, new long[] { 2 })]
    [InlineData("PriorBoxClustered", 1, new long[] { 2 })]
    [InlineData("PriorBox", 0, new long[] { 1, 8, -1, 6 })]
    [InlineData("PriorBoxClustered", 0, new long[] { 1, 8, 4, -1 })]
    public void Build_SizesThatAreOpen_AreRefused(string type, int opset, long[] shape)
    {
        var layer = new LoneLayer(type, opset) { Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["offset"] = "0.5", ["flip"] = "0" } };
        Constant image = opset > 0 ? Constant.Ints(64, 64) : Constant.Floats(new float[64], 1, 1, 8, 8);

        Assert.Equal("the sizes of its feature map and image are not known when the model is loaded", layer.Refusal(shape, image));
    }
}
