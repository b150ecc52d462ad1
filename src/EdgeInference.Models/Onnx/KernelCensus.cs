using EdgeInference.Inference;
using Google.Protobuf;

namespace EdgeInference.Models.Onnx;

/// <summary>
/// How many convolutions and matrix products ONNX Runtime computes in whole numbers and how many in float, counted in the
/// graph as it was optimised for this processor (<see cref="EngineOptions.OptimizedModelPath"/>), not in the one it was given.
/// </summary>
/// <param name="IntegerConvolutions">Convolutions of eight-bit numbers.</param>
/// <param name="FloatConvolutions">All others.</param>
/// <param name="IntegerProducts">Matrix products of eight-bit numbers.</param>
/// <param name="FloatProducts">All others.</param>
public sealed record KernelCensus(int IntegerConvolutions, int FloatConvolutions, int IntegerProducts, int FloatProducts)
{
    /// <param name="optimizedModel">A serialised ONNX model, with ONNX Runtime's own operators or without.</param>
    /// <exception cref="ModelException">The bytes are no ONNX model.</exception>
    public static KernelCensus Read(ReadOnlyMemory<byte> optimizedModel)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(UnsafeByteOperations.UnsafeWrap(optimizedModel));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelException($"The optimised graph is not an ONNX model: {e.Message}", e);
        }

        ILookup<Kernel, NodeProto> kernels = (model.Graph?.Node ?? []).ToLookup(static node => KernelOf(node.OpType));
        return new KernelCensus(
            kernels[Kernel.IntegerConvolution].Count(),
            kernels[Kernel.FloatConvolution].Count(),
            kernels[Kernel.IntegerProduct].Count(),
            kernels[Kernel.FloatProduct].Count());
    }

    // ONNX's operators and those that ONNX Runtime fuses them into (its ContribOperators.md).
    private static Kernel KernelOf(string operation) => operation switch
    {
        "QLinearConv" or "ConvInteger" or "QLinearConvTranspose" => Kernel.IntegerConvolution,
        "Conv" or "FusedConv" or "NhwcFusedConv" or "ConvTranspose" => Kernel.FloatConvolution,
        "QLinearMatMul" or "MatMulInteger" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" or "QGemm" => Kernel.IntegerProduct,
        "MatMul" or "FusedMatMul" or "FusedMatMulActivation" or "TransposeMatMul" or "Gemm" or "FusedGemm" => Kernel.FloatProduct,
        _ => Kernel.Other,
    };

    private enum Kernel
    {
        Other,
        IntegerConvolution,
        FloatConvolution,
        IntegerProduct,
        FloatProduct,
    }
}
