using EdgeInference.Functions;
using EdgeInference.Functions.Detection;
using EdgeInference.Inference;
using static EdgeInference.Tests.Functions.TestTensors;

namespace EdgeInference.Tests.Functions.Detection;

public sealed class DetectionRowsTests
{
    [Fact]
    public void Evaluate_Rows_KeepTheirOrderUntilTheEndMark()
    {
        DetectedObject[] objects = Detect(
            new DetectionOptions(),
            Labels("""{"1":"person"}"""),
            0, 1, 0.6f, 0.1f, 0.2f, 0.3f, 0.4f,
            0, 2, 0.9f, 0.5f, 0.5f, 0.75f, 1f,
            -1, 0, 0, 0, 0, 0, 0,
            0, 1, 0.99f, 0.1f, 0.2f, 0.3f, 0.4f);

        Assert.Equal(
            [new DetectedObject(1, "person", 0.6f, 0.1f, 0.2f, 0.3f, 0.4f), new DetectedObject(2, "2", 0.9f, 0.5f, 0.5f, 0.75f, 1f)],
            objects);
    }

    [Theory]
    [InlineData(0.5f, 0.5f, 0)]
    [InlineData(0.5f, 0.50001f, 1)]
    [InlineData(0f, 0f, 0)]
    [InlineData(0.5f, float.NaN, 0)]
    public void Evaluate_Confidence_MustBeAboveTheThreshold(float threshold, float confidence, int expected) =>
        Assert.Equal(expected, Detect(new DetectionOptions { Threshold = threshold }, LabelMap.Empty, 0, 1, confidence, 0, 0, 1, 1).Length);

    [Fact]
    public void Evaluate_BoxPartlyOutside_IsClipped()
    {
        DetectedObject found = Assert.Single(Detect(new DetectionOptions(), LabelMap.Empty, 0, 1, 0.9f, -0.2f, 0.5f, 0.5f, float.PositiveInfinity));

        Assert.Equal((0f, 0.5f, 0.5f, 1f), (found.XMin, found.YMin, found.XMax, found.YMax));
    }

    [Theory]
    [InlineData(0.5f, 0.1f, 0.5f, 0.2f)]
    [InlineData(0.6f, 0.1f, 0.5f, 0.2f)]
    [InlineData(1.1f, 0.1f, 1.5f, 0.2f)]
    [InlineData(float.NaN, 0.1f, 0.5f, 0.2f)]
    [InlineData(0.1f, 0.1f, 0.5f, float.NaN)]
    public void Evaluate_BoxWithoutAreaInTheFrame_IsDropped(float xMin, float yMin, float xMax, float yMax) =>
        Assert.Empty(Detect(new DetectionOptions(), LabelMap.Empty, 0, 1, 0.9f, xMin, yMin, xMax, yMax));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-1f)]
    [InlineData(1e20f)]
    public void Evaluate_LabelThatIsNone_IsDropped(float label) =>
        Assert.Empty(Detect(new DetectionOptions(), LabelMap.Empty, 0, label, 0.9f, 0, 0, 1, 1));

    [Theory]
    [InlineData(new[] { 1 }, "person")]
    [InlineData(new[] { 1 }, "1")]
    [InlineData(new[] { 3 }, "3")]
    [InlineData(new[] { 1, 3 }, "3", "person")]
    [InlineData(new[] { 1, 2, 3 })]
    public void Evaluate_ClassFilter_TakesNamesAndNumbers(int[] expected, params string[] classes) => Assert.Equal(
        expected,
        Detect(
            new DetectionOptions { Classes = classes },
            Labels("""{"1":"person","2":"bike"}"""),
            0, 1, 0.9f, 0, 0, 1, 1, 0, 2, 0.9f, 0, 0, 1, 1, 0, 3, 0.9f, 0, 0, 1, 1).Select(static o => o.ClassId));

    [Fact]
    public void Constructor_ClassFilterWithUnknownName_NamesIt()
    {
        var options = new DetectionOptions { Classes = ["person", "bicycle"] };
        var fault = Assert.Throws<LabelMapException>(() => new DetectionFunction(
            options, Labels("""{"1":"person"}"""), Model(Output("out", 1, 1, 100, 7)), 300, 300));

        Assert.Contains("'bicycle'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_LabelMapOfAClassifier_IsRefused() => Assert.Throws<LabelMapException>(() => new DetectionFunction(
        new DetectionOptions(), Labels("""{"color":{"0":"white"}}"""), Model(Output("out", 1, 1, 100, 7)), 300, 300));

    [Fact]
    public void Evaluate_SteadyState_AllocatesNothing()
    {
        var function = new DetectionFunction(new DetectionOptions { Classes = ["3"] }, LabelMap.Empty, Model(Output("out", 1, 1, 2, 7)), 300, 300);

        Assert.Equal(0, AllocatedBy(function, Floats([1, 1, 2, 7], 0, 1, 0.9f, 0, 0, 1, 1, 0, 3, 0.9f, 0, 0, 1, 1)));
    }

    private static DetectedObject[] Detect(DetectionOptions options, LabelMap labels, params float[] rows)
    {
        Tensor tensor = Floats([1, 1, rows.Length / 7, 7], rows);
        var function = new DetectionFunction(options, labels, Model(Output("detection_out", 1, 1, -1, 7)), 300, 300);
        var result = (DetectionResult)function.CreateResult();
        function.Evaluate([tensor], result);
        return [.. result.Objects];
    }
}
