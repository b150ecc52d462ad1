using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Legacy;

/// <summary>Interp and Resample, whose sizes are those declared.</summary>
public sealed class ResizeTests
{
    [Theory]
    [InlineData(5, 8, 7, 3)]
    [InlineData(6, 9, 3, 2)]
    [InlineData(3, 4, 9, 12)]
    public async Task Resample_Nearest_RoundsCentresAwayFromZero(int height, int width, int newHeight, int newWidth)
    {
        Tensor input = TestGraph.Count(1, 2, height, width);
        Tensor expected = Resized(Resized(input, 2, newHeight), 3, newWidth);

        Tensor result = await TestGraph.ComputeAsync(input, (graph, x) => TestLayer.Legacy(graph, "Resample", "type=caffe.ResampleParameter.NEAREST", [1, 2, newHeight, newWidth], x));

        Assert.Equal(expected.Elements<float>().ToArray(), result.Elements<float>().ToArray());

        static Tensor Resized(Tensor tensor, int axis, int newSize) => PlainResize.Along(tensor, axis, newSize, (index, line) =>
        {
            float step = (float)line.Length / newSize;
            return line[Math.Clamp((int)MathF.Round((index * step) + (step / 2) - 0.5f, MidpointRounding.AwayFromZero), 0, line.Length - 1)];
        });
    }

    [Fact]
    public async Task Resample_AntialiasWhereOnlyOneAxisShrinks_NarrowsTheFilterOfTheOther()
    {
        Tensor input = TestGraph.Count(1, 1, 2, 4);
        Tensor result = await TestGraph.ComputeAsync(input, static (graph, x) => TestLayer.Legacy(graph, "Resample", "type=caffe.ResampleParameter.LINEAR antialias=1", [1, 1, 4, 2], x));

        // Rows at -0.25, 0.25, 0.75, 1.25 with a filter of half a row: each its nearest. Columns at 0.5 and 2.5 with one of two.
        float[] left = [((1 * 3) + (2 * 3) + (3 * 1)) / 7f, ((5 * 3) + (6 * 3) + (7 * 1)) / 7f];
        float[] right = [((2 * 1) + (3 * 3) + (4 * 3)) / 7f, ((6 * 1) + (7 * 3) + (8 * 3)) / 7f];
        float[] expected = [left[0], right[0], left[0], right[0], left[1], right[1], left[1], right[1]];
        Assert.All(expected.Zip(result.Elements<float>().ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("Resample", "type=caffe.ResampleParameter.CUBIC", "type 'caffe.ResampleParameter.CUBIC' is not supported")]
    [InlineData("Interp", "pad_beg=1", "input [1,2,4,5] with pads of 1 and 0 is not supported")]
    [InlineData("Interp", "pad_beg=-2 pad_end=-3", "pads of -2 and -3 (Constant) are not possible on an axis of 4")]
    [InlineData("Tile", "axis=4 tiles=2", "axis 4 is outside a tensor with 4 dimensions")]
    [InlineData("Crop", "axis=2,3 offset=1", "offsets 1 along axes 2,3 do not fit [1,2,4,5]")]
    [InlineData("Crop", "axis=2,3 offset=0,-1", "a window of [1,2,4,6] from -1 on axis 3 is not inside [1,2,4,5]")]
    [InlineData("Crop", "axis=2,3 offset=9223372036854775807,0", "a window of [1,2,4,6] from 9223372036854775807 on axis 2 is not inside [1,2,4,5]")]
    public void Build_AttributesThatDoNotFit_AreRefused(string type, string attributes, string message)
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 2, 4, 5]);

        Assert.Equal(message, Assert.Throws<LayerException>(() => TestLayer.Legacy(graph, type, attributes, [1, 2, 4, 6], x)).Message);
    }

    [Fact]
    public void Crop_OneAxis_KeepsTheOthersWhole()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Constant(Constant.Floats([1, 2, 3, 4, 5, 6], 2, 3));

        Assert.Equal([2, 3, 5, 6], TestLayer.Legacy(graph, "Crop", "axis=1 offset=1", [2, 2], x).Constant!.ToFloats());
    }
}
