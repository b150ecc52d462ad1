using System.Text.RegularExpressions;
using EdgeInference.Service.Logging;
using FsCheck.Xunit;

namespace EdgeInference.Service.Tests.Logging;

public sealed partial class JournalFieldTests
{
    [Theory]
    [InlineData("Stream", "STREAM")]
    [InlineData("ReportId", "REPORT_ID")]
    [InlineData("FramesPerSecond", "FRAMES_PER_SECOND")]
    [InlineData("S3Key", "S3_KEY")]
    [InlineData("URLPath", "URL_PATH")]
    [InlineData("already_lower", "ALREADY_LOWER")]
    [InlineData("A_B", "A_B")]
    public void NameOf_Property_IsUpperSnakeCase(string property, string expected) => Assert.Equal(expected, JournalField.NameOf(property));

    [Theory]
    [InlineData("")]
    [InlineData("_private")]
    [InlineData("0")]
    [InlineData("1st")]
    [InlineData("a-b")]
    [InlineData("größe")]
    public void NameOf_GivesNoValidName_IsNull(string property) => Assert.Null(JournalField.NameOf(property));

    [Fact]
    public void NameOf_TooLong_IsNull()
    {
        Assert.Equal(64, JournalField.NameOf(new string('a', 64))?.Length);
        Assert.Null(JournalField.NameOf(new string('a', 65)));
    }

    [Property(MaxTest = 2000)]
    public void NameOf_AnyText_IsValidOrNull(string? text) => Assert.Matches(Valid(), JournalField.NameOf(text ?? "") ?? "NULL");

    [GeneratedRegex("^[A-Z][A-Z0-9_]{0,63}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Valid();
}
