using EdgeInference.Service.Logging;

namespace EdgeInference.Service.Tests.Logging;

public sealed class JournalTests
{
    [Fact]
    public void IsJournal_DescriptorLeadsToTheNamedSocket_IsTrue() => Assert.True(Journal.IsJournal("8:4711", "socket:[4711]"));

    [Theory]
    [InlineData(null, "socket:[4711]")]
    [InlineData("", "socket:[4711]")]
    [InlineData("8:4711", "socket:[4712]")]
    [InlineData("8:4711", "/var/log/edge-inference.log")]
    [InlineData("8:4711", "pipe:[4711]")]
    [InlineData("8:4711", null)]
    [InlineData("4711", "socket:[4711]")]
    [InlineData("8:x", "socket:[x]")]
    public void IsJournal_AnotherOrNone_IsFalse(string? journalStream, string? target) => Assert.False(Journal.IsJournal(journalStream, target));
}
