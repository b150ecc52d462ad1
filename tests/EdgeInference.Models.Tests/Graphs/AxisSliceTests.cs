using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Tests.Graphs;

public sealed class AxisSliceTests
{
    /// <summary>What Python's list(range(5))[begin:end:step] gives.</summary>
    [Theory]
    [InlineData(null, null, 1L, "0 1 2 3 4")]
    [InlineData(null, null, -1L, "4 3 2 1 0")]
    [InlineData(null, null, 2L, "0 2 4")]
    [InlineData(1L, -1L, 1L, "1 2 3")]
    [InlineData(-2L, null, 1L, "3 4")]
    [InlineData(-100L, 100L, 3L, "0 3")]
    [InlineData(3L, 0L, -2L, "3 1")]
    [InlineData(100L, -100L, -2L, "4 2 0")]
    [InlineData(2L, 2L, 1L, "")]
    [InlineData(4L, 1L, 1L, "")]
    [InlineData(-100L, null, -1L, "")]
    [InlineData(100L, null, 1L, "")]
    [InlineData(1L, null, long.MaxValue, "1")]
    [InlineData(long.MinValue, long.MaxValue, 1L, "0 1 2 3 4")]
    public async Task Of_NumPysBounds_SelectsWhatNumPyDoes(long? begin, long? end, long step, string expected)
    {
        var slice = AxisSlice.Of(5, begin, end, step);

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, (int)slice.Count).Select(i => slice.First + (i * slice.Step))));
        float[] computed = (await TestGraph.ComputeAsync(TestGraph.Floats([0, 1, 2, 3, 4], 5), (graph, x) => graph.Slice(x, [slice]))).Elements<float>().ToArray();
        Assert.Equal(expected, string.Join(' ', computed));
    }

    [Fact]
    public void Of_StepZero_IsRefused() =>
        Assert.Equal("a slice's step is 0", Assert.Throws<LayerException>(() => AxisSlice.Of(5, null, null, 0)).Message);
}
