using System.Text;
using EdgeInference.Service.Logging;
using FsCheck.Xunit;

namespace EdgeInference.Service.Tests.Logging;

public sealed class JournalEntryTests
{
    private readonly JournalEntry _entry = new();

    [Fact]
    public void Add_OneLine_IsWrittenWithAnEqualsSign()
    {
        _entry.Add("MESSAGE", "line1: a = b");

        Assert.Equal("MESSAGE=line1: a = b\n", Encoding.UTF8.GetString(_entry.Bytes.Span));
    }

    [Fact]
    public void Add_SeveralLines_AreWrittenWithTheirLength()
    {
        _entry.Add("MESSAGE", "a\nb");

        Assert.Equal("MESSAGE\n\u0003\0\0\0\0\0\0\0a\nb\n", Encoding.UTF8.GetString(_entry.Bytes.Span));
    }

    [Fact]
    public void Add_ControlCharactersAndLoneSurrogates_BecomeReplacementCharacters()
    {
        _entry.Add("A", "\u001b[31m\r\0x\ty\u0085\ud800");

        Assert.Equal("\ufffd[31m\ufffd\ufffdx\ty\ufffd\ufffd", JournalReader.Read(_entry.Bytes.Span).Value("A"));
    }

    [Fact]
    public void Add_TheSameNameAgain_IsLeftOut()
    {
        _entry.Add("MESSAGE", "ours");
        _entry.Add("MESSAGE", "a property of that name");

        Assert.Equal([new("MESSAGE", "ours")], JournalReader.Read(_entry.Bytes.Span));
    }

    [Theory]
    [InlineData('x', 1)]
    [InlineData('ä', 2)]
    [InlineData('\u20ac', 3)]
    public void Add_TooLong_IsCutBetweenCharactersAndSaysSo(char character, int bytes)
    {
        _entry.Add("A", new string(character, JournalEntry.ShortText / bytes));
        _entry.Add("B", new string(character, (JournalEntry.ShortText / bytes) + 1));

        List<KeyValuePair<string, string>> fields = JournalReader.Read(_entry.Bytes.Span);
        Assert.Equal(new string(character, JournalEntry.ShortText / bytes), fields.Value("A"));
        Assert.EndsWith(character + "... (cut)", fields.Value("B"), StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(fields.Value("B")), JournalEntry.ShortText - 3, JournalEntry.ShortText);
    }

    [Fact]
    public void Add_MoreThanADatagramTakes_LeavesOutTheRest()
    {
        for (int i = 0; i < 1000; i++)
            _entry.Add($"F{i}", new string('\n', 10_000));

        Assert.InRange(_entry.Bytes.Length, JournalEntry.LongestEntry - (2 * JournalEntry.ShortText), JournalEntry.LongestEntry);
        Assert.Equal("F0", JournalReader.Read(_entry.Bytes.Span)[0].Key);
    }

    /// <summary>Whatever is in a message or a property, one field can never pass for another.</summary>
    [Property(MaxTest = 2000)]
    public void Add_AnyTexts_AreReadBackAsSoManyFields(string?[] texts)
    {
        var entry = new JournalEntry();
        for (int i = 0; i < texts.Length; i++)
            entry.Add($"F{i}", texts[i] ?? "", JournalEntry.LongText);

        List<KeyValuePair<string, string>> fields = JournalReader.Read(entry.Bytes.Span);

        Assert.Equal(texts.Select(static (text, i) => KeyValuePair.Create($"F{i}", Expected(text ?? ""))), fields);
    }

    /// <summary>Made of what the protocol itself is made of, and long enough to be cut.</summary>
    [Property(MaxTest = 500)]
    public void Add_HostileTexts_AreReadBackAsSoManyFields(int seed)
    {
        var random = new Random(seed);
        var entry = new JournalEntry();
        int count = random.Next(1, 4);
        for (int i = 0; i < count; i++)
            entry.Add($"F{i}", Hostile(random), JournalEntry.LongText);

        Assert.Equal(Enumerable.Range(0, count).Select(static i => $"F{i}"), JournalReader.Read(entry.Bytes.Span).Select(static field => field.Key));
    }

    private static string Hostile(Random random)
    {
        string[] pieces = ["\n", "=", "\nPRIORITY=0\n", "\0\0\0\0\0\0\0\0", "\ud83d", "\ude00", "\ud83d\ude00", "MESSAGE", "\u001b[0m", new string('\n', 30_000)];
        return string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static string Expected(string text)
    {
        string printable = string.Concat(text.Select(static c => char.IsControl(c) && c is not ('\n' or '\t') ? '\ufffd' : c));
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(printable));
    }
}
