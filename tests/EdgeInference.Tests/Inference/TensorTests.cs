using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Tests.Inference;

public sealed unsafe class TensorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Resize_OwnMemory_IsAligned(int count)
    {
        var tensor = new Tensor(TensorElementType.Float32, count);

        Assert.Equal(count, tensor.Elements<float>().Length);
        fixed (byte* address = tensor.Bytes)
            Assert.Equal(0, (nint)address % 64);
    }

    [Fact]
    public void MapTo_EngineMemory_ReadsAndWritesThere()
    {
        float[] engine = GC.AllocateArray<float>(6, pinned: true);
        Tensor tensor = Tensor.OfEngine(TensorElementType.Float32, static _ => throw new InvalidOperationException("not asked for"));

        tensor.MapTo(Marshal.UnsafeAddrOfPinnedArrayElement(engine, 0), 2, 3);
        tensor.Resize(2, 3);
        tensor.Elements<float>()[5] = 7;

        Assert.Equal(7, engine[5]);
        Assert.Equal([2, 3], tensor.Shape);
    }

    [Fact]
    public void Resize_EngineMemory_AsksTheEngine()
    {
        byte[] engine = GC.AllocateArray<byte>(8, pinned: true);
        long[]? asked = null;
        Tensor tensor = Tensor.OfEngine(TensorElementType.UInt8, shape =>
        {
            asked = shape.ToArray();
            return Marshal.UnsafeAddrOfPinnedArrayElement(engine, 4);
        });

        tensor.Resize(1, 4);
        tensor.Bytes.Fill(9);

        Assert.Equal([1, 4], asked!);
        Assert.Equal([0, 0, 0, 0, 9, 9, 9, 9], engine);
    }

    [Fact]
    public void MapTo_OwnMemory_IsRefused() =>
        Assert.Throws<InvalidOperationException>(static () => new Tensor(TensorElementType.Float32, 1).MapTo(0, 1));
}
