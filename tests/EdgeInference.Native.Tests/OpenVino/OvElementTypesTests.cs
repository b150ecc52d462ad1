using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport.OpenVino;

namespace EdgeInference.Native.Tests.OpenVino;

public sealed class OvElementTypesTests
{
    // boolean, bf16, f16, f32, f64, i4, i8, i16, i32, i64, u1
    private static readonly int[] s_head = [4, 8, 8, 16, 32, 2, 4, 8, 16, 32, 1];

    [Theory]
    [InlineData(FakeRelease.V2023, 2, 4, 5, 6, 8, 9, 10, 11, 14)]
    [InlineData(FakeRelease.V2024, 2, 4, 5, 6, 8, 9, 10, 11, 17)]
    [InlineData(FakeRelease.V2025, 1, 3, 4, 5, 7, 8, 9, 10, 16)]
    [InlineData(FakeRelease.V2026, 1, 3, 4, 5, 7, 8, 9, 10, 16)]
    public void Probe_EachRelease_HasTheNumbersOfItsHeader(
        FakeRelease release, int boolean, int f16, int f32, int f64, int i8, int i16, int i32, int i64, int u8)
    {
        OpenVinoTestBed bed = new(release);
        OvElementTypes types = bed.Factory.Open().ElementTypes;

        Dictionary<int, TensorElementType> expected = new()
        {
            [boolean] = TensorElementType.Boolean,
            [f16] = TensorElementType.Float16,
            [f32] = TensorElementType.Float32,
            [f64] = TensorElementType.Float64,
            [i8] = TensorElementType.Int8,
            [i16] = TensorElementType.Int16,
            [i32] = TensorElementType.Int32,
            [i64] = TensorElementType.Int64,
            [u8] = TensorElementType.UInt8,
        };
        for (int number = -1; number < 40; number++)
            Assert.Equal(expected.TryGetValue(number, out TensorElementType type) ? type : null, types.Find(number));
        bed.AssertClean();
    }

    [Fact]
    public void FromSizes_NewTypesOfOneByteBeforeUnsigned_FindsU8BehindThem()
    {
        OvElementTypes types = OvElementTypes.FromSizes([0, .. s_head, 4, 4, 4, 8, 16, 32, 4]);

        Assert.Equal(TensorElementType.UInt8, types.Find(14));
        Assert.Null(types.Find(12));
        Assert.Null(types.Find(13));
    }

    [Fact]
    public void FromSizes_AnotherOrder_Refuses()
    {
        InferenceException exception = Assert.Throws<InferenceException>(() => OvElementTypes.FromSizes([0, 4, 8, 16, 32, 4]));

        Assert.Contains("0 4 8 16 32 4", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InferenceException>(() => OvElementTypes.FromSizes(s_head));
    }
}
