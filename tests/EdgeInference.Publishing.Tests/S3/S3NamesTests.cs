using System.Text;
using EdgeInference.Publishing.S3;
using FsCheck.Xunit;

namespace EdgeInference.Publishing.Tests.S3;

public sealed class S3NamesTests
{
    [Theory]
    [InlineData("line1/2026/01/31/a.jpg", "line1/2026/01/31/a.jpg")]
    [InlineData("../../a.jpg", "_/_/a.jpg")]
    [InlineData("./a//b/..", "_/a/_/b/_")]
    [InlineData("/a", "_/a")]
    [InlineData("a\\..\\b\n\u0085.jpg", "a_.._b__.jpg")]
    [InlineData("zähler/a b.jpg", "zähler/a b.jpg")]
    public void Key_Name_CannotLeaveItsFolder(string name, string expected) => Assert.Equal(expected, S3Names.Key(name));

    [Theory]
    [InlineData("face-detection-0200", "face-detection-0200")]
    [InlineData("ä %\r\n\u007f", "%C3%A4%20%25%0D%0A%7F")]
    [InlineData("", "")]
    public void MetadataValue_Text_IsVisibleAscii(string value, string expected) => Assert.Equal(expected, S3Names.MetadataValue(value));

    [Property(MaxTest = 500)]
    [Trait("Category", "Fuzz")]
    public void Key_AnyName_HasOnlyProperParts(string? name)
    {
        string key = S3Names.Key(name ?? "");

        Assert.DoesNotContain(key, char.IsControl);
        Assert.All(key.Split('/'), static part => Assert.False(part is "" or "." or ".." || part.Contains('\\', StringComparison.Ordinal)));
    }

    [Property(MaxTest = 500)]
    [Trait("Category", "Fuzz")]
    public void MetadataValue_AnyText_CanBeReadBack(string? text)
    {
        string value = S3Names.MetadataValue(text ?? "");

        Assert.All(value, static c => Assert.InRange(c, '!', '~'));
        Assert.InRange(value.Length, 0, 256);
        string wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
        Assert.StartsWith(Uri.UnescapeDataString(value), wellFormed, StringComparison.Ordinal);
    }
}
