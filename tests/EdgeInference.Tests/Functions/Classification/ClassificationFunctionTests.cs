using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Inference;
using FsCheck;
using FsCheck.Xunit;
using static EdgeInference.Tests.Functions.TestTensors;

namespace EdgeInference.Tests.Functions.Classification;

public sealed class ClassificationFunctionTests
{
    [Fact]
    public void Evaluate_Scores_BestFirstWithNames()
    {
        Candidate[] best = Best(2, Labels("""{"1":"bolt"}"""), Floats([1, 4, 1, 1], 0.1f, 0.6f, 0f, 0.3f));

        Assert.Equal([new Candidate(1, "bolt", 0.6f), new Candidate(3, "3", 0.3f)], best);
    }

    [Theory]
    [InlineData(2, 2, null)]
    [InlineData(3, 2, "it has 3 classes, of which the label map names 2")]
    [InlineData(1, 2, "it has 1 classes, and the label map has a name for class 1")]
    [InlineData(3, 4, null)]
    [InlineData(1, 1, null)]
    public void DifferenceFrom_OtherNumberOfClasses_IsOneWhereTheLabelMapFitsNoMore(int classes, int before, string? difference)
    {
        LabelMap labels = Labels("""{"0":"nut","1":"bolt"}""");

        Assert.Equal(difference, Function(labels, Output("out", 1, classes)).DifferenceFrom(Function(labels, Output("result", 1, before))));
    }

    [Fact]
    public void DifferenceFrom_OtherNumberOfClassesWithoutLabelMap_IsNone() =>
        Assert.Null(Function(LabelMap.Empty, Output("out", 1, 9)).DifferenceFrom(Function(LabelMap.Empty, Output("out", 1, 4))));

    [Fact]
    public void DifferenceFrom_OtherOutputs_IsOneWhereReportsNameThem()
    {
        ClassificationFunction colorAndType = Function(LabelMap.Empty, Output("color", 1, 2), Output("type", 1, 2));

        Assert.Null(colorAndType.DifferenceFrom(colorAndType));
        Assert.Equal("its outputs are color, type, and those of the stream color", colorAndType.DifferenceFrom(Function(LabelMap.Empty, Output("color", 1, 2))));
        Assert.Equal("its outputs are color, type, and those of the stream color, kind", colorAndType.DifferenceFrom(Function(LabelMap.Empty, Output("color", 1, 2), Output("kind", 1, 2))));
    }

    [Theory]
    [InlineData(0.4f, true)]
    [InlineData(1.0005f, true)]
    [InlineData(1.2f, false)]
    [InlineData(-0.1f, false)]
    [InlineData(float.NaN, false)]
    public void HasProbabilities_Score_IsTrueFrom0To1(float score, bool expected)
    {
        ClassificationFunction function = Function(LabelMap.Empty, Output("out", 1, 2));
        InferenceResult result = function.CreateResult();

        function.Evaluate([Floats([1, 2], 0.5f, score)], result);

        Assert.Equal(expected, result.HasProbabilities);
    }

    private static ClassificationFunction Function(LabelMap labels, params TensorInfo[] outputs) => new(new ClassificationOptions(), labels, outputs);

    [Fact]
    public void Evaluate_Ties_LowerIndexFirst() =>
        Assert.Equal([1, 3, 0, 2], Best(4, LabelMap.Empty, Floats([4], 0.2f, 0.5f, 0.2f, 0.5f)).Select(static c => c.ClassId));

    [Fact]
    public void Evaluate_NaN_IsLast() => Assert.Equal(
        [2, 3, 1, 0, 4],
        Best(5, LabelMap.Empty, Floats([1, 5], float.NaN, float.NegativeInfinity, 1f, -1f, float.NaN)).Select(static c => c.ClassId));

    [Fact]
    public void Evaluate_HalfAndDouble_AsFloat()
    {
        Tensor half = Of(TensorElementType.Float16, [1, 2], (Half)0.25f, (Half)0.75f);
        Tensor wide = Of(TensorElementType.Float64, [1, 2], 0.25, 0.75);

        Assert.Equal([new Candidate(1, "1", 0.75f), new Candidate(0, "0", 0.25f)], Best(9, LabelMap.Empty, half));
        Assert.Equal([new Candidate(1, "1", 0.75f), new Candidate(0, "0", 0.25f)], Best(9, LabelMap.Empty, wide));
    }

    [Fact]
    public void Evaluate_SeveralOutputs_EachRankedWithItsOwnNames()
    {
        LabelMap labels = Labels("""{"color":{"1":"red"},"type":{"0":"car"}}""");
        var function = new ClassificationFunction(
            new ClassificationOptions { TopResults = 1 }, labels, [Output("color", 1, 2), new TensorInfo("index", TensorElementType.Int64, [1]), Output("type", 1, 2)]);
        var result = (ClassificationResult)function.CreateResult();

        function.Evaluate([Floats([1, 2], 0, 1), Of(TensorElementType.Int64, [1], 1L), Floats([1, 2], 1, 0)], result);

        Assert.Equal("color type", string.Join(' ', result.Outputs.Select(static o => o.Output)));
        Assert.Equal("red", Assert.Single(result.Outputs[0].Candidates).Label);
        Assert.Equal("car", Assert.Single(result.Outputs[1].Candidates).Label);
    }

    [Fact]
    public void Evaluate_Again_ReplacesTheResult()
    {
        var function = new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, [Output("prob", 1, 2)]);
        var result = (ClassificationResult)function.CreateResult();

        function.Evaluate([Floats([1, 2], 1, 0)], result);
        function.Evaluate([Floats([1, 2], 0, 1)], result);

        Assert.Equal([1, 0], result.Outputs[0].Candidates.Select(static c => c.ClassId));
    }

    [Property]
    public bool Evaluate_AnyScores_IsTheStableSort(NormalFloat[] scores, PositiveInt top)
    {
        float[] values = [.. scores.Select(static s => (float)s.Get)];
        int count = Math.Min(top.Get, 1000);
        int[] expected = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(count)];
        return Best(count, LabelMap.Empty, Floats([1, values.Length], values)).Select(static c => c.ClassId).SequenceEqual(expected);
    }

    [Fact]
    public void Evaluate_SteadyState_AllocatesNothing()
    {
        var function = new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, [Output("prob", 1, 1000)]);

        Assert.Equal(0, AllocatedBy(function, Floats([1, 1000], [.. Enumerable.Range(0, 1000).Select(static i => (float)(i * 7919 % 1000))])));
    }

    [Fact]
    public void Constructor_NothingToRank_ListsTheOutputs()
    {
        var fault = Assert.Throws<ModelException>(() =>
            new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, [new TensorInfo("index", TensorElementType.Int64, [1])]));

        Assert.Contains("index Int64[1]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_BatchOfPictures_IsRefused() => Assert.Throws<ModelException>(() =>
        new ClassificationFunction(new ClassificationOptions(), LabelMap.Empty, [Output("prob", 2, 1000)]));

    [Fact]
    public void Constructor_LabelMapForOtherOutputs_SaysWhichThereAre()
    {
        var fault = Assert.Throws<LabelMapException>(() => new ClassificationFunction(
            new ClassificationOptions(), Labels("""{"colour":{"0":"white"}}"""), [Output("color", 1, 7)]));

        Assert.Contains("'colour'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'color'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_OneMapForSeveralOutputs_IsRefused() => Assert.Throws<LabelMapException>(() => new ClassificationFunction(
        new ClassificationOptions(), Labels("""{"0":"white"}"""), [Output("color", 1, 7), Output("type", 1, 4)]));

    private static Candidate[] Best(int top, LabelMap labels, Tensor tensor)
    {
        var function = new ClassificationFunction(
            new ClassificationOptions { TopResults = top }, labels, [new TensorInfo("prob", tensor.ElementType, tensor.Shape.ToArray())]);
        var result = (ClassificationResult)function.CreateResult();
        function.Evaluate([tensor], result);
        return [.. Assert.Single(result.Outputs).Candidates];
    }
}
