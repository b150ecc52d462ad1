using EdgeInference.Service.Commands;

namespace EdgeInference.Service.Tests.Commands;

public sealed class QuotedTextTests
{
    [Theory]
    [InlineData("line 1 – ä 😀", "'line 1 – ä 😀'")]
    [InlineData("a\r\nb\tc\u001b[31m\u0085", "'a??b?c?[31m?'")]
    [InlineData("\u202eabc\u2028\ufeff\u200b", "'?abc???'")]
    public void Of_AnyText_IsOneLineThatIsSeenAsItIs(string text, string expected) => Assert.Equal(expected, QuotedText.Of(text));

    [Fact]
    public void Of_HalfASurrogatePair_IsReplaced() => Assert.Equal("'\ufffd'", QuotedText.Of("\ud800"));

    [Fact]
    public void Of_LongText_IsCut() => Assert.Equal($"'{new string('a', 64)}…'", QuotedText.Of(new string('a', 65)));
}
