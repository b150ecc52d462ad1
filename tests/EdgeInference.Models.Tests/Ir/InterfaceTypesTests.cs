using EdgeInference.Inference;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Tests.Ir;

public sealed class InterfaceTypesTests
{
    [Theory]
    [InlineData(10, "f16", TensorElementType.Float32)]
    [InlineData(10, "u8", TensorElementType.UInt8)]
    [InlineData(11, "f16", TensorElementType.Float16)]
    [InlineData(11, "f64", TensorElementType.Float64)]
    [InlineData(11, "boolean", TensorElementType.Boolean)]
    public void OfInput_DeclaredType_IsWhatTheVersionPromises(int version, string declared, TensorElementType expected) =>
        Assert.Equal(expected, InterfaceTypes.OfInput(version, declared));

    [Theory]
    [InlineData(10, "f64")]
    [InlineData(11, "f16")]
    [InlineData(11, "f64")]
    public void Of_FloatsAskedFor_AreFloat32(int version, string declared)
    {
        Assert.Equal(TensorElementType.Float32, InterfaceTypes.OfInput(version, declared, floats: true));
        Assert.Equal(TensorElementType.Float32, InterfaceTypes.OfOutput(version, declared, floats: true));
    }

    [Theory]
    [InlineData(11, "i64")]
    [InlineData(11, "u8")]
    public void Of_FloatsAskedFor_LeavesWholeNumbers(int version, string declared)
    {
        Assert.Equal(InterfaceTypes.OfInput(version, declared), InterfaceTypes.OfInput(version, declared, floats: true));
        Assert.Equal(InterfaceTypes.OfOutput(version, declared), InterfaceTypes.OfOutput(version, declared, floats: true));
    }

    [Theory]
    [InlineData(10, "FP16", TensorElementType.Float32)]
    [InlineData(10, "I64", TensorElementType.Int32)]
    [InlineData(10, "BOOL", TensorElementType.Float32)]
    [InlineData(11, "FP16", TensorElementType.Float16)]
    [InlineData(11, "I64", TensorElementType.Int64)]
    [InlineData(11, "BOOL", TensorElementType.Boolean)]
    public void OfOutput_DeclaredType_IsWhatTheVersionPromises(int version, string declared, TensorElementType expected) =>
        Assert.Equal(expected, InterfaceTypes.OfOutput(version, declared));
}
