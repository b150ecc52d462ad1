using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

/// <summary>Pooling of regions, against plain loops.</summary>
public sealed class RegionPoolingTests
{
    private const int Images = 2;
    private const int Height = 40;
    private const int Width = 36;

    /// <summary>Regions in pixels of an image twice as large; the list ends before its last row. 31 rows in 7 cells is where dividing in floats goes wrong.</summary>
    private static readonly float[][] Pixels = [[0, 3, 5, 40, 65], [1, -9, -7, 90, 61], [1, 20, 10, 20, 10], [0, 200, 10, 210, 20], [-1, 0, 0, 0, 0], [0, 1, 1, 30, 30]];

    /// <summary>Regions in parts of the image: inside, up to its borders, and partly outside.</summary>
    private static readonly float[][] Parts = [[0, 0.1f, 0.2f, 0.7f, 0.9f], [1, 0, 0, 1, 1], [1, -0.2f, 0.3f, 0.5f, 1.3f], [-1, 0, 0, 0, 0], [0, 0, 0, 1, 1]];

    [Fact]
    public async Task RoiPooling_Largest_DividesWholeNumbers()
    {
        (Tensor x, float[,,,] features) = Features(3);
        var layer = Layer("ROIPooling", 2, "pooled_h=7 pooled_w=7 spatial_scale=0.5 method=max");

        (long[] shape, float[] values) = await layer.ComputeAsync(x, 0, Rows(Pixels));

        Assert.Equal([6, 3, 7, 7], shape);
        Assert.Equal(Plain(Pixels, 3, 7, (roi, c, row, column) =>
        {
            (int top, int bottom) = Cell(roi[2], roi[4], row, Height);
            (int left, int right) = Cell(roi[1], roi[3], column, Width);
            float largest = top < bottom && left < right ? float.MinValue : 0;
            for (int y = top; y < bottom; y++)
            {
                for (int at = left; at < right; at++)
                    largest = Math.Max(largest, features[(int)roi[0], c, y, at]);
            }

            return largest;
        }), values);

        static (int Begin, int End) Cell(float first, float last, int cell, int size)
        {
            int begin = (int)MathF.Round(first * 0.5f, MidpointRounding.AwayFromZero);
            int length = Math.Max((int)MathF.Round(last * 0.5f, MidpointRounding.AwayFromZero) - begin + 1, 1);
            return (Math.Clamp(begin + (cell * length / 7), 0, size), Math.Clamp(begin + ((((cell + 1) * length) + 6) / 7), 0, size));
        }
    }

    [Fact]
    public async Task PsRoiPooling_Average_TakesEachCellFromItsOwnChannel()
    {
        (Tensor x, float[,,,] features) = Features(18);
        var layer = Layer("PSROIPooling", 1, "output_dim=2 group_size=3 spatial_scale=0.5");

        (long[] shape, float[] values) = await layer.ComputeAsync(x, 0, Rows(Pixels));

        Assert.Equal([6, 2, 3, 3], shape);
        AssertNear(values, Plain(Pixels, 2, 3, (roi, c, row, column) =>
        {
            (int top, int bottom) = Cell(roi[2], roi[4], row, Height);
            (int left, int right) = Cell(roi[1], roi[3], column, Width);
            double sum = 0;
            for (int y = top; y < bottom; y++)
            {
                for (int at = left; at < right; at++)
                    sum += features[(int)roi[0], (((c * 3) + row) * 3) + column, y, at];
            }

            return top < bottom && left < right ? (float)(sum / ((bottom - top) * (right - left))) : 0;
        }));

        static (int Begin, int End) Cell(float first, float last, int cell, int size)
        {
            float begin = MathF.Round(first, MidpointRounding.AwayFromZero) * 0.5f;
            float length = Math.Max(((MathF.Round(last, MidpointRounding.AwayFromZero) + 1) * 0.5f) - begin, 0.1f) / 3;
            return (Math.Clamp((int)MathF.Floor((cell * length) + begin), 0, size), Math.Clamp((int)MathF.Ceiling(((cell + 1) * length) + begin), 0, size));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task RoiPooling_Bilinear_SamplesFromBorderToBorder(int cells)
    {
        (Tensor x, float[,,,] features) = Features(3);
        var layer = Layer("ROIPooling", 2, $"pooled_h={cells} pooled_w={cells} spatial_scale=1 method=bilinear");

        (_, float[] values) = await layer.ComputeAsync(x, 0, Rows(Parts));

        AssertNear(values, Plain(Parts, 3, cells, (roi, c, row, column) =>
            Sample(features, (int)roi[0], c, Position(roi[2], roi[4], row, cells, Height), Position(roi[1], roi[3], column, cells, Width))));
    }

    [Fact]
    public async Task PsRoiPooling_Bilinear_AveragesOverBins()
    {
        (Tensor x, float[,,,] features) = Features(12);
        var layer = Layer("PSROIPooling", 1, "output_dim=2 group_size=3 spatial_scale=1 mode=bilinear spatial_bins_x=3 spatial_bins_y=2");

        (_, float[] values) = await layer.ComputeAsync(x, 0, Rows(Parts));

        AssertNear(values, Plain(Parts, 2, 3, (roi, c, row, column) =>
        {
            float sum = 0;
            for (int bin = 0; bin < 6; bin++)
            {
                (float left, float right) = Bin(roi[1], roi[3], bin % 3, 3);
                (float top, float bottom) = Bin(roi[2], roi[4], bin / 3, 2);
                sum += Sample(features, (int)roi[0], (bin * 2) + c, Position(top, bottom, row, 3, Height), Position(left, right, column, 3, Width));
            }

            return sum / 6;
        }));

        static (float Begin, float End) Bin(float first, float last, int bin, int bins) =>
            (first + ((last - first) / bins * bin), first + ((last - first) / bins * (bin + 1)));
    }

    [Theory]
    [InlineData("", 3, 1, 4)]
    [InlineData("aligned_mode=asymmetric", 9, 0.5f, 2)]
    [InlineData("aligned_mode=half_pixel_for_nn", 9, 0.5f, 1.5f)]
    [InlineData("aligned_mode=half_pixel", 9, 0.5f, 1.75f)]
    public async Task RoiAlign_Slope_SamplesAtTheMiddle(string mode, int opset, float scale, float middle)
    {
        Tensor slope = TestGraph.Floats([.. Enumerable.Range(0, 64).Select(static i => (float)(i % 8))], 1, 1, 8, 8);
        var layer = Layer("ROIAlign", opset, FormattableString.Invariant($"pooled_h=1 pooled_w=1 sampling_ratio=1 spatial_scale={scale} mode=avg {mode}"));

        (_, float[] values) = await layer.ComputeAsync(slope, 0, Constant.Floats([2, 2, 6, 6], 1, 4), Constant.Ints(0));

        Assert.Equal([middle], values);
    }

    [Theory]
    [InlineData("ROIPooling", "pooled_h=0 pooled_w=2 spatial_scale=1", "[0,2] cells are not possible")]
    [InlineData("ROIPooling", "pooled_h=2 pooled_w=2 spatial_scale=1 method=mean", "method 'mean' is not known")]
    [InlineData("PSROIPooling", "output_dim=1 group_size=2 spatial_scale=1", "output_dim 1 does not fit features [1,3,4,4]")]
    [InlineData("PSROIPooling", "output_dim=3 group_size=1 spatial_scale=1 mode=bilinear_deformable", "mode 'bilinear_deformable' is not supported")]
    public void Build_WhatIsNotPossible_IsRefused(string type, string attributes, string reason) =>
        Assert.Equal(reason, Layer(type, type is "ROIPooling" ? 2 : 1, attributes).Refusal([1, 3, 4, 4], Constant.Floats([0, 0, 0, 1, 1], 1, 5)));

    [Fact]
    public void RoiAlign_LargestOfAnOpenNumberOfSamples_IsRefused() => Assert.Equal(
        "the largest of a number of samples that depends on the region is not supported",
        Layer("ROIAlign", 3, "pooled_h=1 pooled_w=1 sampling_ratio=0 spatial_scale=1 mode=max").Refusal([1, 3, 4, 4], Constant.Floats([0, 0, 1, 1], 1, 4), Constant.Ints(0)));

    private static LoneLayer Layer(string type, int opset, string attributes) => new(type, opset)
    {
        Attributes = attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static a => a.Split('=')).ToDictionary(static a => a[0], static a => a[1], StringComparer.Ordinal),
    };

    private static Constant Rows(float[][] regions) => Constant.Floats([.. regions.SelectMany(static r => r)], regions.Length, 5);

    private static (Tensor X, float[,,,] Features) Features(int channels)
    {
        var features = new float[Images, channels, Height, Width];
        var random = new Random(1);
        var values = new float[features.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (random.NextSingle() * 2) - 1;
        Buffer.BlockCopy(values, 0, features, 0, values.Length * sizeof(float));
        return (TestGraph.Floats(values, Images, channels, Height, Width), features);
    }

    private static float[] Plain(float[][] regions, int channels, int cells, Func<float[], int, int, int, float> cell) =>
    [
        .. from index in Enumerable.Range(0, regions.Length)
           let ended = regions[..(index + 1)].Any(static r => r[0] < 0)
           from channel in Enumerable.Range(0, channels)
           from row in Enumerable.Range(0, cells)
           from column in Enumerable.Range(0, cells)
           select ended ? 0 : cell(regions[index], channel, row, column),
    ];

    private static float Position(float begin, float end, int index, int count, int size) =>
        count == 1 ? (begin + end) * 0.5f * (size - 1)
        : index == count - 1 ? end * (size - 1)
        : (begin * (size - 1)) + (index * ((end - begin) * (size - 1) / (count - 1)));

    private static float Sample(float[,,,] features, int image, int channel, float y, float x)
    {
        if (y < 0 || y > Height - 1 || x < 0 || x > Width - 1)
            return 0;
        (int top, int left) = ((int)y, (int)x);
        (int bottom, int right) = (Math.Min(top + 1, Height - 1), Math.Min(left + 1, Width - 1));
        float above = features[image, channel, top, left] + ((features[image, channel, top, right] - features[image, channel, top, left]) * (x - left));
        float below = features[image, channel, bottom, left] + ((features[image, channel, bottom, right] - features[image, channel, bottom, left]) * (x - left));
        return above + ((below - above) * (y - top));
    }

    private static void AssertNear(float[] actual, float[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }
}
