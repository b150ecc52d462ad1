using EdgeInference.Annotation;
using EdgeInference.Frames;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;

namespace EdgeInference.Tests.Annotation;

public sealed class FrameAnnotatorTests
{
    private const byte Grey = 90;

    public static TheoryData<int, int> Sizes => new() { { 320, 180 }, { 640, 360 }, { 641, 359 }, { 1920, 1080 }, { 3840, 2160 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Draw_Object_FramesItInItsColourAndLeavesTheInside(int width, int height)
    {
        using Frame frame = GreyFrame(width, height);
        YuvColor color = YuvColor.From(Palette.ForClass(3), frame.Matrix, frame.Range);

        new FrameAnnotator().Draw(frame, Objects(new DetectedObject(3, "bolt", 0.9f, 0.25f, 0.25f, 0.75f, 0.75f)));

        int left = (width / 4) & ~1, top = (height / 4) & ~1;
        int right = (width - (width / 4) + 1) & ~1, bottom = (height - (height / 4) + 1) & ~1;
        foreach ((int x, int y) in new[] { (left, height / 2), (right - 1, height / 2), (width / 2, top), (width / 2, bottom - 1) })
            Assert.Equal(color, Pixel(frame, x, y));
        foreach ((int x, int y) in new[] { (left - 1, height / 2), (right, height / 2), ((width * 3 / 4) - 20, top - 1), (width / 2, bottom), (width / 2, height / 2) })
            Assert.Equal(new YuvColor(Grey, 128, 128), Pixel(frame, x, y));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Draw_Object_WritesItsLabelAboveInContrastingInk(int width, int height)
    {
        using Frame frame = GreyFrame(width, height);
        byte background = YuvColor.From(Palette.ForClass(3), frame.Matrix, frame.Range).Y;

        new FrameAnnotator().Draw(frame, Objects(new DetectedObject(3, "bolt", 0.9f, 0.25f, 0.5f, 0.75f, 0.75f)));

        byte[] label = Region(frame, width / 4, (height / 2) - (height / 25), width / 20, height / 30);
        Assert.Contains(background, label);
        Assert.True(label.Max() - label.Min() > 90, $"luma from {label.Min()} to {label.Max()}");
        Assert.True(label.Min() < 40, "black letters");
    }

    [Theory]
    [InlineData(0f, 0f, 0.3f, 0.5f)]
    [InlineData(0.9f, 0.9f, 1f, 1f)]
    [InlineData(0f, 0f, 1f, 1f)]
    [InlineData(0.999f, 0.5f, 1f, 0.501f)]
    [InlineData(-5f, -5f, 9f, 9f)]
    [InlineData(float.NaN, 0f, float.PositiveInfinity, 1f)]
    public void Draw_ObjectAnywhere_IsDrawnWithinTheFrame(float xMin, float yMin, float xMax, float yMax)
    {
        foreach ((int width, int height) in new[] { (640, 360), (321, 181), (64, 36), (16, 16), (1, 1) })
        {
            using Frame frame = GreyFrame(width, height);

            new FrameAnnotator().Draw(frame, Objects(new DetectedObject(6, "a label that is longer than the picture is wide, by far", 0.5f, xMin, yMin, xMax, yMax)));

            Assert.Contains(frame.Y.ToArray(), static luma => luma != Grey);
        }
    }

    [Fact]
    public void Draw_Object_ChangesNothingElsewhere()
    {
        using Frame frame = GreyFrame(640, 360);

        new FrameAnnotator().Draw(frame, Objects(new DetectedObject(1, "nut", 0.5f, 0.5f, 0.5f, 0.6f, 0.6f)));

        for (int y = 0; y < 360; y++)
        {
            for (int x = 0; x < 640; x++)
            {
                bool near = x is >= 310 and < 400 && y is >= 155 and < 225;
                Assert.True(near || Pixel(frame, x, y) == new YuvColor(Grey, 128, 128), $"({x},{y})");
            }
        }
    }

    [Fact]
    public void Draw_Nothing_ChangesNothing()
    {
        using Frame frame = GreyFrame(640, 360);

        new FrameAnnotator().Draw(frame, Objects());
        new FrameAnnotator().Draw(frame, new ClassificationResult([new CandidateList("prob")]));

        Assert.DoesNotContain(frame.Y.ToArray(), static luma => luma != Grey);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Draw_Classification_PutsAPanelAtTheUpperLeft(int width, int height)
    {
        using Frame frame = GreyFrame(width, height);
        var result = new ClassificationResult([new CandidateList("prob")]);
        result.Outputs[0].Candidates.AddRange([new Candidate(0, "sports car", 0.75f), new Candidate(1, "van", 0.25f)]);

        new FrameAnnotator().Draw(frame, result);

        byte[] panel = Region(frame, width / 100, height / 50, width / 10, height / 20);
        Assert.True(panel.Min() < Grey - 30, "darkened");
        Assert.True(panel.Max() > 200, "white letters");
        Assert.DoesNotContain(Region(frame, width / 2, 0, width - (width / 2), height), static luma => luma != Grey);
        Assert.DoesNotContain(Region(frame, 0, height / 2, width, height - (height / 2)), static luma => luma != Grey);
    }

    [Fact]
    public void Draw_ClassificationBar_IsAsLongAsTheProbability()
    {
        Assert.True(BarLength(0.25f) is > 0 and var quarter && Math.Abs((3 * quarter) - BarLength(0.75f)) <= 6);
        Assert.Equal(0, BarLength(0));
        Assert.Equal(0, BarLength(float.NaN));
        Assert.Equal(BarLength(1), BarLength(7));
    }

    private static int BarLength(float probability)
    {
        using Frame frame = GreyFrame(640, 360);
        var result = new ClassificationResult([new CandidateList("prob")]);
        result.Outputs[0].Candidates.Add(new Candidate(1, "van", probability));
        byte chroma = YuvColor.From(Palette.ForClass(1), frame.Matrix, frame.Range).V;

        new FrameAnnotator().Draw(frame, result);

        byte[] samples = frame.V.ToArray();
        return Enumerable.Range(0, frame.ChromaHeight).Max(row => samples.AsSpan(row * frame.ChromaWidth, frame.ChromaWidth).Count(chroma));
    }

    private static Frame GreyFrame(int width, int height)
    {
        Frame frame = new FramePool().Rent(width, height);
        frame.Y.Fill(Grey);
        frame.U.Fill(128);
        frame.V.Fill(128);
        return frame;
    }

    private static DetectionResult Objects(params DetectedObject[] objects)
    {
        var result = new DetectionResult();
        result.Objects.AddRange(objects);
        return result;
    }

    private static YuvColor Pixel(Frame frame, int x, int y)
    {
        int chroma = (y / 2 * frame.ChromaWidth) + (x / 2);
        return new YuvColor(frame.Y[(y * frame.Width) + x], frame.U[chroma], frame.V[chroma]);
    }

    private static byte[] Region(Frame frame, int left, int top, int width, int height)
    {
        var region = new List<byte>(width * height);
        for (int y = top; y < top + height; y++)
            region.AddRange(frame.Y.Slice((y * frame.Width) + left, width).ToArray());
        return [.. region];
    }
}
