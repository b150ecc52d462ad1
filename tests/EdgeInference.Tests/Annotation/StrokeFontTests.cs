using EdgeInference.Annotation;

namespace EdgeInference.Tests.Annotation;

public sealed class StrokeFontTests
{
    [Fact]
    public void GlyphFor_Ascii_EachIsThereAndUnlikeTheOthers()
    {
        string[] shapes =
        [
            .. Enumerable.Range(StrokeFont.First, StrokeFont.Last - StrokeFont.First + 1)
                .Select(static c => string.Join(' ', StrokeFont.GlyphFor((char)c).Strokes)),
        ];

        Assert.Equal(95, shapes.Distinct(StringComparer.Ordinal).Count());
        Assert.Single(shapes, static shape => shape.Length == 0);
    }

    [Theory]
    [InlineData('Ä', 'A')]
    [InlineData('ö', 'o')]
    [InlineData('ß', 's')]
    [InlineData('é', 'e')]
    [InlineData('Ł', 'L')]
    [InlineData('ž', 'z')]
    [InlineData('ſ', 's')]
    [InlineData('ÿ', 'y')]
    [InlineData('Ā', 'A')]
    [InlineData('ƀ', '?')]
    [InlineData('日', '?')]
    [InlineData('\n', '?')]
    [InlineData('¿', '?')]
    public void GlyphFor_OtherCharacters_IsTheBaseLetterOrAQuestionMark(char character, char expected) =>
        Assert.Same(StrokeFont.GlyphFor(expected), StrokeFont.GlyphFor(character));

    [Fact]
    public void Strokes_RoundCorner_IsJoinedDiagonallyButASquareOneIsNot()
    {
        Assert.Contains(new Stroke(1, 0, 0, 1), StrokeFont.GlyphFor('O').Strokes);
        Assert.DoesNotContain(new Stroke(1, 0, 0, 1), StrokeFont.GlyphFor('D').Strokes);
    }

    [Fact]
    public void Shorten_TextTooWide_FitsWithDotsAtItsEnd()
    {
        var text = new TextRenderer(pitch: 2);
        string shortened = text.Shorten("great white shark", 100);

        Assert.True(text.Measure(shortened) <= 100);
        Assert.EndsWith("..", shortened, StringComparison.Ordinal);
        Assert.StartsWith("great", shortened, StringComparison.Ordinal);
        Assert.Equal("shark", text.Shorten("shark", 100));
        Assert.Equal("..", text.Shorten("shark", -10));
    }
}
