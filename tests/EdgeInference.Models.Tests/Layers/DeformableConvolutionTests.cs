using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers;

public sealed class DeformableConvolutionTests
{
    private const int Height = 5;
    private const int Width = 6;
    private const int Channels = 4;

    /// <summary>Two images of four channels in two deformable groups, two groups, a kernel of 2x3, and offsets beyond all borders.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Build_OffsetsBeyondTheBorders_SamplesAsTheSpecificationSays(bool zerosAround, bool masked)
    {
        float[] x = Numbers.Random(1, 2, Channels, Height, Width);
        float[] offsets = [.. Numbers.Random(2, 2, 24, 5, 3).Select(static v => v * 4)];
        float[] mask = Numbers.Random(3, 2, 12, 5, 3);
        float[] weights = Numbers.Random(4, 6, 2, 2, 3);

        Tensor result = await TestGraph.ComputeAsync(TestGraph.Floats(x, 2, Channels, Height, Width), (graph, input) =>
        {
            Value[] inputs = [input, Floats(offsets, 2, 24, 5, 3), Floats(weights, 6, 2, 2, 3)];
            string attributes = $"strides=1,2 dilations=2,1 pads_begin=1,0 pads_end=1,1 group=2 deformable_group=2 bilinear_interpolation_pad={zerosAround}";
            return TestLayer.All(graph, "DeformableConvolution:8", attributes, masked ? [.. inputs, Floats(mask, 2, 12, 5, 3)] : inputs)[0];

            Value Floats(float[] values, params long[] shape) => graph.Constant(Constant.Floats(values, shape));
        });

        Assert.Equal([2, 6, 5, 3], result.Shape.ToArray());
        Numbers.AssertNear(Plain(x, offsets, masked ? mask : null, weights, zerosAround), result.Elements<float>(), 1e-4);
    }

    [Fact]
    public void Build_OffsetsOfAnotherSize_AreRefused()
    {
        GraphBuilder graph = TestGraph.NewBuilder();
        Value x = graph.Input(TensorElementType.Float32, [1, 4, 5, 6]);
        Value offsets = graph.Constant(Constant.Floats(new float[12 * 30], 1, 12, 5, 6));
        Value weights = graph.Constant(Constant.Floats(new float[4 * 6], 1, 4, 2, 3));

        Assert.Equal(
            "offsets [1,12,5,6] do not fit 1 deformable groups and the output's [4,4]",
            Assert.Throws<LayerException>(() => TestLayer.All(graph, "DeformableConvolution:1", "", [x, offsets, weights])).Message);
    }

    private static float[] Plain(float[] x, float[] offsets, float[]? mask, float[] weights, bool zerosAround)
    {
        var result = new float[2 * 6 * 5 * 3];
        for (int i = 0; i < result.Length; i++)
        {
            (int n, int m, int oy, int ox) = (i / 90, i / 15 % 6, i / 3 % 5, i % 3);
            for (int w = 0; w < 12; w++)
            {
                (int inGroup, int ky, int kx) = (w / 6, w / 3 % 2, w % 3);
                int channel = (m / 3 * 2) + inGroup;
                int set = (((n * 2) + (channel / 2)) * 6) + (w % 6);
                float y = oy - 1 + (ky * 2) + offsets[(((set * 2 * 5) + oy) * 3) + ox];
                float place = (ox * 2) + kx + offsets[((((set * 2) + 1) * 5) + oy) * 3 + ox];
                float weight = weights[(m * 12) + w] * (mask is null ? 1 : mask[(((set * 5) + oy) * 3) + ox]);
                result[i] += weight * Sample(x.AsSpan(((n * Channels) + channel) * Height * Width, Height * Width), y, place, zerosAround);
            }
        }

        return result;
    }

    private static float Sample(ReadOnlySpan<float> image, float y, float x, bool zerosAround)
    {
        if (!zerosAround && (y < 0 || y >= Height || x < 0 || x >= Width))
            return 0;
        (int top, int left) = ((int)MathF.Floor(y), (int)MathF.Floor(x));
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            (int row, int column) = (top + (i / 2), left + (i % 2));
            float share = (1 - Math.Abs(y - row)) * (1 - Math.Abs(x - column));
            if (!zerosAround)
                sum += share * image[(Math.Min(row, Height - 1) * Width) + Math.Min(column, Width - 1)];
            else if (row >= 0 && row < Height && column >= 0 && column < Width)
                sum += share * image[(row * Width) + column];
        }

        return sum;
    }
}
