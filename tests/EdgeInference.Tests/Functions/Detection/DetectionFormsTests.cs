using EdgeInference.Functions;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using FsCheck;
using FsCheck.Xunit;
using static EdgeInference.Tests.Functions.TestTensors;

namespace EdgeInference.Tests.Functions.Detection;

public sealed class DetectionFormsTests
{
    [Fact]
    public void Constructor_NoKnownForm_ListsOutputsAndForms()
    {
        var fault = Assert.Throws<ModelException>(() => Function(Output("heat", 1, 80, 64, 64)));

        Assert.Contains("test.onnx", fault.Message, StringComparison.Ordinal);
        Assert.Contains("heat Float32[1,80,64,64]", fault.Message, StringComparison.Ordinal);
        Assert.Contains("[1,1,N,7]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_RawBoxes_BestClassSuppressedPerClassBestFirst()
    {
        DetectionFunction function = Function(Output("scores", 1, 5, 3), Output("boxes", 1, 5, 4));

        DetectedObject[] objects = Detect(
            function,
            Floats([1, 5, 3], 0.2f, 0.7f, 0.1f, 0.1f, 0.8f, 0.1f, 0.1f, 0.3f, 0.6f, 0.9f, 0.05f, 0.05f, 0.3f, 0.3f, 0.4f),
            Floats([1, 5, 4], 0.1f, 0.1f, 0.5f, 0.5f, 0.1f, 0.1f, 0.5f, 0.52f, 0.1f, 0.1f, 0.5f, 0.5f, 0, 0, 1, 1, 0, 0, 1, 1));

        Assert.Equal(
            [new DetectedObject(1, "1", 0.8f, 0.1f, 0.1f, 0.5f, 0.52f), new DetectedObject(2, "2", 0.6f, 0.1f, 0.1f, 0.5f, 0.5f)],
            objects);
    }

    [Theory]
    [InlineData(0.3f, 1)]
    [InlineData(0.4f, 2)]
    public void Evaluate_RawBoxesOverlapping_AreSuppressedAboveTheNmsThreshold(float nmsThreshold, int expected)
    {
        // Two boxes of 0.4 x 0.4, moved by half their width: intersection 0.08, union 0.24, a third.
        DetectionFunction function = Function(new DetectionOptions { NmsThreshold = nmsThreshold }, Output("boxes", 1, 2, 4), Output("scores", 1, 2, 2));

        Assert.Equal(expected, Detect(function, Floats([1, 2, 4], 0.1f, 0.1f, 0.5f, 0.5f, 0.3f, 0.1f, 0.7f, 0.5f), Floats([1, 2, 2], 0, 0.9f, 0, 0.8f)).Length);
    }

    [Property]
    public bool Evaluate_AnyRawBoxes_AreSortedAndApart(byte[] corners, PositiveInt classCount)
    {
        int count = corners.Length / 5, classes = 2 + (classCount.Get % 3);
        var boxes = new float[4 * count];
        var scores = new float[classes * count];
        for (int i = 0; i < count; i++)
        {
            (float x, float y) = (corners[5 * i] / 512f, corners[(5 * i) + 1] / 512f);
            new[] { x, y, x + (corners[(5 * i) + 2] / 512f), y + (corners[(5 * i) + 3] / 512f) }.CopyTo(boxes, 4 * i);
            scores[(classes * i) + 1 + (i % (classes - 1))] = corners[(5 * i) + 4] / 255f;
        }

        DetectedObject[] objects = Detect(
            Function(Output("boxes", 1, count, 4), Output("scores", 1, count, classes)), Floats([1, count, 4], boxes), Floats([1, count, classes], scores));

        bool sorted = objects.Zip(objects.Skip(1)).All(static pair => pair.First.Confidence >= pair.Second.Confidence);
        bool apart = objects.All(a => objects.All(b => a.Equals(b) || a.ClassId != b.ClassId || AsBox(a).IntersectionOverUnion(AsBox(b)) <= 0.45f));
        return sorted && apart;
    }

    [Fact]
    public void Evaluate_RawBoxesWithFourClasses_AreToldApartByName()
    {
        DetectionFunction function = Function(Output("scores", 1, 1, 4), Output("boxes", 1, 1, 4));

        DetectedObject found = Assert.Single(Detect(function, Floats([1, 1, 4], 0, 0, 0, 0.9f), Floats([1, 1, 4], 0.1f, 0.2f, 0.3f, 0.4f)));

        Assert.Equal((3, 0.1f), (found.ClassId, found.XMin));
    }

    [Fact]
    public void Evaluate_BoxesInPixels_AreDividedByTheInputSize()
    {
        DetectionFunction function = Function(Output("boxes", -1, 4), Output("labels", -1), Output("scores", -1));

        // A weak box does not decide the unit; the first one above the threshold does, for good.
        Assert.Empty(Detect(function, Floats([1, 4], 0, 0, 9000, 9000), Floats([1], 1), Floats([1], 0.1f)));
        DetectedObject found = Assert.Single(Detect(function, Floats([1, 4], 30, 20, 150, 100), Floats([1], 7), Floats([1], 0.9f)));
        DetectedObject small = Assert.Single(Detect(function, Floats([1, 4], 0, 0, 1.5f, 1), Floats([1], 7), Floats([1], 0.9f)));

        Assert.Equal(new DetectedObject(7, "7", 0.9f, 0.1f, 0.1f, 0.5f, 0.5f), found);
        Assert.Equal(0.005f, small.XMax);
    }

    [Fact]
    public void Evaluate_NormalisedBoxes_StayNormalisedForGood()
    {
        DetectionFunction function = Function(Output("boxes", 1, -1, 4), Output("labels", 1, -1), Output("scores", 1, -1));

        Detect(function, Floats([1, 1, 4], 0, 0, 1.2f, 1), Floats([1, 1], 1), Floats([1, 1], 0.9f));
        DetectedObject found = Assert.Single(Detect(function, Floats([1, 1, 4], 0.5f, 0.5f, 3, 3), Floats([1, 1], 1), Floats([1, 1], 0.9f)));

        Assert.Equal((0.5f, 1f), (found.XMin, found.XMax));
    }

    [Theory]
    [InlineData(TensorElementType.Int64)]
    [InlineData(TensorElementType.Int32)]
    public void Evaluate_SelectedBoxes_KeepTheRowsOfTheModel(TensorElementType labelType)
    {
        DetectionFunction function = Function(
            Output("bboxes", 1, -1, 4), new TensorInfo("ids", labelType, [1, -1]), Output("scores", 1, -1));
        Tensor labels = labelType == TensorElementType.Int64 ? Of(labelType, [1, 3], 5L, 6L, 7L) : Of(labelType, [1, 3], 5, 6, 7);

        DetectedObject[] objects = Detect(
            function, Floats([1, 3, 4], 0, 0, 0.5f, 0.5f, 0, 0, 0.5f, 0.5f, 0, 0, 0.5f, 0.5f), labels, Floats([1, 3], 0.6f, 0.4f, 0.9f));

        Assert.Equal([5, 7], objects.Select(static o => o.ClassId));
    }

    [Fact]
    public void Evaluate_TensorFlow_SwapsCoordinatesAndCountsDetections()
    {
        DetectionFunction function = Function(
            Output("num_detections:0", 1), Output("detection_boxes:0", 1, -1, 4), Output("detection_scores:0", 1, -1), Output("detection_classes:0", 1, -1));

        DetectedObject found = Assert.Single(Detect(
            function,
            Floats([1], 1),
            Floats([1, 2, 4], 0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 1, 1),
            Floats([1, 2], 0.9f, 0.9f),
            Floats([1, 2], 18, 1)));

        Assert.Equal(new DetectedObject(18, "18", 0.9f, 0.2f, 0.1f, 0.4f, 0.3f), found);
    }

    [Fact]
    public void Evaluate_NoBoxes_IsEmpty()
    {
        DetectionFunction function = Function(Output("boxes", -1, 4), Output("labels", -1), Output("scores", -1));

        Assert.Empty(Detect(function, Floats([0, 4]), Floats([0]), Floats([0])));
    }

    [Fact]
    public void Evaluate_ShapesThatDoNotFit_AreRefused()
    {
        Assert.Throws<InferenceException>(() => Detect(
            Function(Output("boxes", -1, 4), Output("labels", -1), Output("scores", -1)), Floats([2, 4], new float[8]), Floats([2], 1, 1), Floats([1], 1)));
        Assert.Throws<InferenceException>(() => Detect(
            Function(Output("boxes", 1, -1, 4), Output("scores", 1, -1, 2)), Floats([1, 2, 4], new float[8]), Floats([1, 1, 2], 0, 1)));
    }

    [Fact]
    public void Evaluate_RawBoxesSteadyState_AllocatesNothing()
    {
        const int Count = 4420;
        DetectionFunction function = Function(Output("scores", 1, Count, 2), Output("boxes", 1, Count, 4));
        float[] scores = [.. Enumerable.Range(0, Count * 2).Select(static i => i % 14 == 1 ? 0.5f + (i / (2f * Count * 2)) : 0)];
        float[] boxes = [.. Enumerable.Range(0, Count * 4).Select(static i => (i % 4 < 2 ? 0 : 0.02f) + (i / 4 * 97 % 1000 / 1100f))];

        Assert.NotEmpty(Detect(function, Floats([1, Count, 2], scores), Floats([1, Count, 4], boxes)));
        Assert.Equal(0, AllocatedBy(function, Floats([1, Count, 2], scores), Floats([1, Count, 4], boxes)));
    }

    private static Box AsBox(DetectedObject found) => new(found.XMin, found.YMin, found.XMax, found.YMax);

    private static DetectionFunction Function(params TensorInfo[] outputs) => Function(new DetectionOptions(), outputs);

    private static DetectionFunction Function(DetectionOptions options, params TensorInfo[] outputs) =>
        new(options, LabelMap.Empty, Model(outputs), inputWidth: 300, inputHeight: 200);

    private static DetectedObject[] Detect(DetectionFunction function, params Tensor[] outputs)
    {
        var result = (DetectionResult)function.CreateResult();
        function.Evaluate(outputs, result);
        return [.. result.Objects];
    }
}
