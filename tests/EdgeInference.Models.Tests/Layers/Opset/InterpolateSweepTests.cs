using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

/// <summary>Every coordinate mode on images, volumes, lines and odd axes, growing and shrinking.</summary>
public sealed class InterpolateSweepTests
{
    private static readonly string[] Coordinates = ["half_pixel", "pytorch_half_pixel", "asymmetric", "tf_half_pixel_for_nn", "align_corners"];

    /// <summary>Shapes, axes and new sizes: images with channels first and last, volumes, lines, odd axes; growing, shrinking, both.</summary>
    private static readonly (long[] Shape, long[] Axes, long[] Sizes)[] Resizes =
    [
        ([2, 2, 4, 5], [2, 3], [7, 13]),
        ([2, 2, 4, 5], [2, 3], [3, 2]),
        ([1, 2, 4, 5], [3, 2], [2, 9]),
        ([2, 2, 4, 5], [3], [8]),
        ([2, 2, 4, 5], [2, 3], [1, 1]),
        ([2, 4, 5, 3], [1, 2], [6, 7]),
        ([2, 4, 5, 3], [1], [3]),
        ([1, 2, 3, 4, 5], [2, 3, 4], [5, 3, 8]),
        ([1, 2, 3, 4, 5], [3], [6]),
        ([2, 4, 5], [1, 2], [6, 3]),
        ([2, 6], [1], [4]),
        ([3, 2, 2, 4], [0, 3], [5, 3]),
        ([1, 2, 1, 1], [2, 3], [3, 4]),
    ];

    public static TheoryData<string, int> CoordinatesAndResizes()
    {
        var data = new TheoryData<string, int>();
        foreach (string coordinates in Coordinates)
        {
            for (int i = 0; i < Resizes.Length; i++)
                data.Add(coordinates, i);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(CoordinatesAndResizes))]
    public async Task Build_LinearSizes_InterpolatesBetweenNeighbours(string coordinates, int resize) =>
        await AssertResizes($"mode=linear_onnx coordinate_transformation_mode={coordinates}", resize, (index, line, newSize) =>
            PlainResize.Linear(PlainResize.Position(coordinates, index, line.Length, newSize, (double)newSize / line.Length), line));

    [Theory]
    [MemberData(nameof(CoordinatesAndResizes))]
    public async Task Build_CubicSizes_ConvolvesFourNeighbours(string coordinates, int resize) =>
        await AssertResizes($"mode=cubic cube_coeff=-0.6 coordinate_transformation_mode={coordinates}", resize, (index, line, newSize) =>
            line.Length == newSize
                ? line[index]
                : PlainResize.Cubic(PlainResize.Position(coordinates, index, line.Length, newSize, (double)newSize / line.Length), line, -0.6));

    [Theory]
    [MemberData(nameof(CoordinatesAndResizes))]
    public async Task Build_NearestSizes_TakesTheElementAtTheFloor(string coordinates, int resize) =>
        await AssertResizes($"mode=nearest nearest_mode=floor coordinate_transformation_mode={coordinates}", resize, (index, line, newSize) =>
            line[Math.Clamp((int)Math.Floor(PlainResize.Position(coordinates, index, line.Length, newSize, (double)newSize / line.Length) + 1e-6), 0, line.Length - 1)]);

    private static async Task AssertResizes(string attributes, int resize, Func<int, float[], int, double> element)
    {
        (long[] shape, long[] axes, long[] sizes) = Resizes[resize];
        var random = new Random(resize);
        Tensor input = TestGraph.Floats([.. Enumerable.Range(0, (int)Shapes.Count(shape)).Select(_ => random.NextSingle())], shape);
        Tensor expected = input;
        for (int i = 0; i < axes.Length; i++)
        {
            int newSize = (int)sizes[i];
            expected = PlainResize.Along(expected, (int)axes[i], newSize, (index, line) => element(index, line, newSize));
        }

        TestInterpolate.AssertSame(expected, await TestInterpolate.Compute(input, attributes, axes, sizes));
    }
}
