using EdgeInference.Inference;
using EdgeInference.Models.Npy;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.TestSupport;

namespace EdgeInference.Models.Tests.Quantization;

/// <summary>Recorded quantised nets with integer kernels. In float they are among all other recorded cases.</summary>
public sealed class QuantizedNetTests
{
    /// <summary>How far an output may be off, as a part of the largest: a step or two of eight bits.</summary>
    private const double Tolerance = 0.02;

    [DataTheory]
    [InlineData("nncf_ptqp_onnx26_resnet", 9, 0)]
    [InlineData("nncf_ptq_net_mobilenetv2", 8, 0)]
    [InlineData("onnx26_qdq_conv", 1, 0)]
    public async Task Read_WithIntegerKernels_GivesTheEnginesOutputs(string name, int integerConvolutions, int floatConvolutions)
    {
        OperationCase net = OperationCase.ReadAll(TestData.Path("ops/modern")).Single(c => c.Name == name);
        InferenceModel model = ModelFile.Read(net.Xml, new ModelFileOptions { IntegerKernels = IntegerKernels.Always });

        Assert.Equal(new KernelCensus(integerConvolutions, floatConvolutions, 0, 0), ModelRunner.Count(model));
        Tensor actual = (await ModelRunner.RunAsync(model, [.. net.Inputs.Select(static input => NpyFile.Read(input.Path))]))[0];
        double[] right = TensorValues.Read(NpyFile.Read(net.Outputs[0].Path));
        double largest = right.Max(Math.Abs);
        Assert.All(right.Zip(TensorValues.Read(actual)), pair => Assert.Equal(pair.First, pair.Second, Tolerance * largest));
    }

    [DataFact]
    public void Convert_QuantizedNet_KeepsWholeNumbersOnEveryProcessor()
    {
        OperationCase net = OperationCase.ReadAll(TestData.Path("ops/modern")).Single(static c => c.Name == "onnx26_qdq_conv");

        Assert.Contains("QuantizeLinear", Operations(new ModelFileOptions()));
        Assert.DoesNotContain("QuantizeLinear", Operations(new ModelFileOptions { IntegerKernels = IntegerKernels.Never }));

        IEnumerable<string> Operations(ModelFileOptions options) =>
            ModelProto.Parser.ParseFrom(ModelFile.Convert(net.Xml, options).Onnx.Span).Graph.Node.Select(static node => node.OpType);
    }

    [DataTheory]
    [InlineData("nncf_w8s_net_mobilenetv3")]
    [InlineData("w8_conv_symmetric")]
    public void Read_OnlyWeightsQuantized_StaysFloat(string name)
    {
        OperationCase net = OperationCase.ReadAll(TestData.Path("ops/modern")).Single(c => c.Name == name);
        InferenceModel model = ModelFile.Read(net.Xml, new ModelFileOptions { IntegerKernels = IntegerKernels.Always });

        Assert.Equal(0, ModelRunner.Count(model).IntegerConvolutions);
    }
}
