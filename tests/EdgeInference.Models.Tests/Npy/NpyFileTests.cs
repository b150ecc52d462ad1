using System.Text;
using EdgeInference.Inference;
using EdgeInference.Models.Npy;

namespace EdgeInference.Models.Tests.Npy;

public sealed class NpyFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public static TheoryData<TensorElementType, long[]> Tensors()
    {
        var data = new TheoryData<TensorElementType, long[]>();
        foreach (TensorElementType type in Enum.GetValues<TensorElementType>())
        {
            data.Add(type, []);
            data.Add(type, [3]);
            data.Add(type, [2, 0, 4]);
            data.Add(type, [1, 3, 12345]);
        }

        return data;
    }

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Read_WhatWriteWrote_IsTheSame(TensorElementType type, long[] shape)
    {
        var tensor = new Tensor(type, shape);
        new Random(1).NextBytes(tensor.Bytes);

        NpyFile.Write(_path, tensor);
        Tensor read = NpyFile.Read(_path);

        Assert.Equal(type, read.ElementType);
        Assert.Equal(shape, read.Shape.ToArray());
        Assert.Equal(tensor.Bytes.ToArray(), read.Bytes.ToArray());
    }

    [Fact]
    public void Write_Vector_IsAsNumPyWritesIt()
    {
        var tensor = new Tensor(TensorElementType.Float32, 2);
        ((float[])[1, 2]).CopyTo(tensor.Elements<float>());

        NpyFile.Write(_path, tensor);

        byte[] bytes = File.ReadAllBytes(_path);
        Assert.Equal(0, (bytes.Length - 8) % 64);
        Assert.StartsWith("?NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal((byte)'\n', bytes[^9]);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "Fortran order")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "element type '>f4'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "holds 4 bytes of data where its shape needs 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }", "larger than 2 GB")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "is not a dimension")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "is not understood")]
    [InlineData("import os", "is not understood")]
    public void Read_HostileHeader_IsNamed(string header, string expected)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        File.WriteAllBytes(_path, [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text, 0, 0, 0, 0]);

        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => NpyFile.Read(_path));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(40)]
    [InlineData(130)]
    public void Read_TruncatedFile_IsRefused(int length)
    {
        NpyFile.Write(_path, new Tensor(TensorElementType.Float32, 2));
        byte[] whole = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, whole[..length]);

        Assert.Throws<InvalidDataException>(() => NpyFile.Read(_path));
    }
}
