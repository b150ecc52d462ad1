namespace EdgeInference.Publishing.Tests;

public sealed class FileNameTemplateTests
{
    private static readonly Report Report = TestReports.WithJpeg([1]);

    [Theory]
    [InlineData(FileNameTemplate.OfSamples, "2026-01-31T12-34-56.789012.jpeg")]
    [InlineData(FileNameTemplate.OfStreams, "line1/2026/01/31/2026-01-31T12-34-56.789012.jpg")]
    [InlineData("{yyyy}{MM}{dd}-{HH}-{id}.jpg", "20260131-12-019c1234-0000-7000-8000-000000000001.jpg")]
    public void NameOf_KnownPlaceholders_FillsThem(string template, string expected) =>
        Assert.Equal(expected, new FileNameTemplate(template).NameOf(Report));

    /// <summary>A time that came again after the clock was set back.</summary>
    [Fact]
    public void NameOf_TimeOfALaterTurn_HasASeventhDigit() => Assert.Equal(
        "2026-01-31T12-34-56.7890123.jpeg",
        new FileNameTemplate(FileNameTemplate.OfSamples).NameOf(Report with { Timestamp = Report.Timestamp.AddTicks(3) }));

    [Theory]
    [InlineData("{label}.jpg", "placeholder")]
    [InlineData("{timestamp.jpg", "placeholder")]
    [InlineData("../{timestamp}.jpg", "relative")]
    [InlineData("/tmp/{timestamp}.jpg", "relative")]
    [InlineData("a//{timestamp}.jpg", "relative")]
    [InlineData("a\\{timestamp}.jpg", "relative")]
    [InlineData("", "relative")]
    [InlineData("a\n{timestamp}.jpg", "control")]
    public void Fault_NameThatWouldLeaveItsFolderOrIsUnknown_SaysWhy(string template, string reason)
    {
        Assert.Contains(reason, FileNameTemplate.Fault(template), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => new FileNameTemplate(template));
    }
}
