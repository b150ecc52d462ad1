using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Opset;

/// <summary>NonMaxSuppression, MulticlassNms and MatrixNms on two images of two classes (and a background) and three boxes.</summary>
public sealed class SuppressionTests
{
    /// <summary>In each image two boxes that overlap by three fifths, and one far from them.</summary>
    private static readonly Tensor Boxes = TestGraph.Floats(
        [0, 0, 4, 3, 1, 0, 5, 3, 8, 8, 9, 9, 0, 0, 4, 3, 1, 0, 5, 3, 8, 8, 9, 9], 2, 3, 4);

    private static readonly Constant Scores = Constant.Floats(
        [0.99f, 0.99f, 0.99f, 0.5f, 0.9f, 0.3f, 0.8f, 0.2f, 0.1f, 0.99f, 0.99f, 0.99f, 0.1f, 0.6f, 0.1f, 0.2f, 0.1f, 0.95f], 2, 3, 3);

    [Theory]
    [InlineData("true", new float[] { 0, 0, 0, 0, 0, 2, 1, 0, 0, 1, 0, 2, 1, 2, 2, 0, 1, 1, 0, 2, 0, 1, 1, 1, 0, 1, 2 })]
    [InlineData("false", new float[] { 0, 0, 0, 0, 0, 2, 0, 1, 1, 0, 1, 2, 0, 2, 0, 1, 0, 0, 1, 0, 2, 1, 1, 1, 1, 2, 2 })]
    public async Task NonMaxSuppression_SeveralImagesAndClasses_SortsByScoreOrKeepsTheirOrder(string sorted, float[] expected)
    {
        var layer = new LoneLayer("NonMaxSuppression", 9) { Attributes = Attributes($"box_encoding=corner sort_result_descending={sorted} output_type=i32") };

        (long[] shape, float[] rows) = await layer.ComputeAsync(Boxes, 0, Scores, Constant.Ints(2), Constant.Floats([0.5f]), Constant.Floats([0.25f]));
        (_, float[] count) = await layer.ComputeAsync(Boxes, 2, Scores, Constant.Ints(2), Constant.Floats([0.5f]), Constant.Floats([0.25f]));

        Assert.Equal([9, 3], shape);
        Assert.Equal(expected, rows);
        Assert.Equal([9], count);
    }

    [Fact]
    public void NonMaxSuppression_WhatIsNotPossible_IsRefused()
    {
        var layer = new LoneLayer("NonMaxSuppression", 9) { Attributes = Attributes("box_encoding=corner") };
        Constant[] inputs = [Scores, Constant.Ints(2), Constant.Floats([0.5f]), Constant.Floats([0.25f]), Constant.Floats([0.7f])];

        Assert.StartsWith("soft suppression (soft_nms_sigma above 0) is not supported", layer.Refusal([2, 3, 4], inputs), StringComparison.Ordinal);
        Assert.Equal("its IoU threshold is not from 0 to 1", layer.Refusal([2, 3, 4], Scores, Constant.Ints(2), Constant.Floats([-0.5f])));
        Assert.Equal("boxes [2,4,4] and scores [2,3,3] do not fit together", layer.Refusal([2, 4, 4], inputs[..3]));
    }

    [Theory]
    [InlineData("score", "false", new float[] { 1, 0.9f, 1, 2, 0.8f, 0, 1, 0.3f, 2, 2, 0.95f, 5, 1, 0.6f, 4, 2, 0.2f, 3 })]
    [InlineData("classid", "false", new float[] { 1, 0.9f, 1, 1, 0.3f, 2, 2, 0.8f, 0, 1, 0.6f, 4, 2, 0.95f, 5, 2, 0.2f, 3 })]
    [InlineData("score", "true", new float[] { 2, 0.95f, 5, 1, 0.9f, 1, 2, 0.8f, 0, 1, 0.6f, 4, 1, 0.3f, 2, 2, 0.2f, 3 })]
    [InlineData("classid", "true", new float[] { 1, 0.9f, 1, 1, 0.3f, 2, 1, 0.6f, 4, 2, 0.8f, 0, 2, 0.95f, 5, 2, 0.2f, 3 })]
    public async Task MulticlassNms_EveryOrder_GivesTheBestOfEachImage(string sort, string across, float[] expected)
    {
        // The boxes overlap by exactly the threshold, which is too much.
        var layer = new LoneLayer("MulticlassNms", 8) { Attributes = Attributes($"sort_result_type={sort} sort_result_across_batch={across} iou_threshold=0.6 score_threshold=0.2 background_class=0 keep_top_k=3 nms_top_k=3") };

        (_, float[] rows) = await layer.ComputeAsync(Boxes, 0, Scores);
        (_, float[] indices) = await layer.ComputeAsync(Boxes, 1, Scores);
        (_, float[] counts) = await layer.ComputeAsync(Boxes, 2, Scores);

        Assert.Equal(expected, rows.Chunk(6).Zip(indices, static (row, index) => (float[])[row[0], row[1], index]).SelectMany(static r => r));
        Assert.All(rows.Chunk(6).Zip(indices), static row => Assert.Equal(Boxes.Elements<float>().Slice((int)row.Second * 4, 4).ToArray(), row.First[2..]));
        Assert.Equal([3, 3], counts);
    }

    [Theory]
    [InlineData("linear", 0.4f)]
    [InlineData("gaussian", 0.48675226f)]
    public async Task MatrixNms_OverlapOfThreeFifths_LowersTheWorseScore(string decay, float factor)
    {
        var layer = new LoneLayer("MatrixNms", 8) { Attributes = Attributes($"sort_result_type=score decay_function={decay} gaussian_sigma=2 score_threshold=0.2 background_class=0") };

        (_, float[] rows) = await layer.ComputeAsync(Boxes, 0, Scores);
        (_, float[] indices) = await layer.ComputeAsync(Boxes, 1, Scores);

        float[] scores = [.. rows.Chunk(6).Select(static row => row[1])];
        float[] expected = [.. new[] { 0.9f, 0.8f, 0.3f, 0.5f * factor }.OrderDescending(), 0.95f, 0.6f];
        Assert.Equal(expected.Length, scores.Length);
        Assert.All(expected.Zip(scores), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal([1, 0], indices[..2]);
        Assert.Equal([5, 4], indices[^2..]);
    }

    [Theory]
    [InlineData("MulticlassNms", "iou_threshold=0", "iou_threshold is 0, not above 0 and at most 1")]
    [InlineData("MulticlassNms", "iou_threshold=0.5 nms_eta=0.9", "a threshold that changes with each box (nms_eta below 1) is not supported")]
    [InlineData("MulticlassNms", "iou_threshold=0.5 sort_result_type=size", "sort_result_type 'size' is not known")]
    [InlineData("MatrixNms", "decay_function=cubic", "decay_function 'cubic' is not known")]
    public void ClassSuppression_WhatIsNotPossible_IsRefused(string type, string attributes, string reason) =>
        Assert.Equal(reason, new LoneLayer(type, 8) { Attributes = Attributes(attributes) }.Refusal([2, 3, 4], Scores));

    private static Dictionary<string, string> Attributes(string list) =>
        list.Split(' ').Select(static a => a.Split('=')).ToDictionary(static a => a[0], static a => a[1], StringComparer.Ordinal);
}
