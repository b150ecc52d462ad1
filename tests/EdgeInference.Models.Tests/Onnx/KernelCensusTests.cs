using EdgeInference.Inference;
using EdgeInference.Models.Onnx;
using Google.Protobuf;

namespace EdgeInference.Models.Tests.Onnx;

public sealed class KernelCensusTests
{
    [Fact]
    public void Read_MixedGraph_CountsEachKindOnce()
    {
        KernelCensus census = KernelCensus.Read(Model("QLinearConv", "ConvInteger", "FusedConv", "Conv", "Relu", "QGemm", "MatMul", "FusedGemm"));

        Assert.Equal(new KernelCensus(2, 2, 1, 2), census);
    }

    [Fact]
    public void Read_NoModel_Refuses() =>
        Assert.Throws<ModelException>(() => KernelCensus.Read(new byte[] { 0xff, 0xff, 0xff }));

    private static byte[] Model(params string[] operations)
    {
        var graph = new GraphProto();
        graph.Node.AddRange(operations.Select(static operation => new NodeProto { OpType = operation }));
        return new ModelProto { Graph = graph }.ToByteArray();
    }
}
