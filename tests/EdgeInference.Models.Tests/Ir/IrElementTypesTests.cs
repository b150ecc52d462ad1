using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;

namespace EdgeInference.Models.Tests.Ir;

public sealed class IrElementTypesTests
{
    [Theory]
    [InlineData("u1", "21 A3", TensorElementType.UInt8, "0 0 1 0 0 0 0 1 1 0 1 0 0 0 1")]
    [InlineData("u4", "12 3A 0F", TensorElementType.UInt8, "2 1 10 3 15")]
    [InlineData("i4", "12 8A 0F", TensorElementType.Int8, "2 1 -6 -8 -1")]
    [InlineData("u8", "00 7F FF", TensorElementType.UInt8, "0 127 255")]
    [InlineData("i8", "00 7F FF", TensorElementType.Int8, "0 127 -1")]
    [InlineData("boolean", "00 01 07", TensorElementType.Boolean, "0 1 1")]
    [InlineData("u16", "FF FF", TensorElementType.Int32, "65535")]
    [InlineData("i16", "FF FF", TensorElementType.Int16, "-1")]
    [InlineData("u32", "FF FF FF FF", TensorElementType.Int64, "4294967295")]
    [InlineData("I32", "FE FF FF FF", TensorElementType.Int32, "-2")]
    [InlineData("u64", "01 00 00 00 00 00 00 00", TensorElementType.Int64, "1")]
    [InlineData("i64", "FF FF FF FF FF FF FF FF", TensorElementType.Int64, "-1")]
    [InlineData("bf16", "40 C0", TensorElementType.Float32, "-3")]
    [InlineData("FP16", "00 C2", TensorElementType.Float32, "-3")]
    [InlineData("f64", "00 00 00 00 00 00 08 C0", TensorElementType.Float32, "-3")]
    public void Read_EveryElementType_GivesItsNumbers(string type, string bytes, TensorElementType expectedType, string expected)
    {
        float[] numbers = [.. expected.Split(' ').Select(float.Parse)];

        Constant constant = Read(type, bytes, numbers.Length);

        Assert.Equal(expectedType, constant.ElementType);
        Assert.Equal(numbers, constant.ToFloats());
    }

    [Fact]
    public void Read_UnsignedBeyondInt64_IsRefused() =>
        Assert.Throws<OverflowException>(() => Read("u64", "FF FF FF FF FF FF FF FF", 1));

    [Theory]
    [InlineData("u4", "12 3A", 5, "2 bytes of weights do not fit the shape [5] of u4")]
    [InlineData("u1", "12 3A", 8, "2 bytes of weights do not fit the shape [8] of u1")]
    [InlineData("nf4", "12", 2, "element type 'nf4' is not supported")]
    [InlineData("string", "12", 1, "element type 'string' is not supported")]
    public void Read_WhatDoesNotFit_IsRefused(string type, string bytes, int count, string expected) =>
        Assert.Equal(expected, Assert.Throws<LayerException>(() => Read(type, bytes, count)).Message);

    [Fact]
    public void Read_SameBytesInTwoLengths_GivesEachItsOwn()
    {
        using var file = new TinyModel(weights: [0x12, 0x3A]);
        using var weights = new IrWeights(file.Bin, LoadBudget.ForFiles(0));

        Assert.Equal([2, 1, 10], weights.Read(new IrBlob(0, 2), "u4", [3]).ToFloats());
        Assert.Equal([2, 1, 10, 3], weights.Read(new IrBlob(0, 2), "u4", [4]).ToFloats());
    }

    private static Constant Read(string type, string bytes, int count)
    {
        byte[] data = System.Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        using var file = new TinyModel(weights: data);
        using var weights = new IrWeights(file.Bin, LoadBudget.ForFiles(0));
        return weights.Read(new IrBlob(0, data.Length), type, [count]);
    }
}
