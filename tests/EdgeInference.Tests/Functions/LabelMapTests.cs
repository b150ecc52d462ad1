using System.Text;
using EdgeInference.Functions;
using EdgeInference.TestSupport;

namespace EdgeInference.Tests.Functions;

public sealed class LabelMapTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_FlatMap_NamesEveryOutput()
    {
        LabelMap map = Read("""{"0":"nut","2":"Schlüssel"}""");

        Assert.Equal("nut", map.GetName(null, 0));
        Assert.Equal("Schlüssel", map.GetName("prob", 2));
        Assert.Empty(map.Outputs);
    }

    [Fact]
    public void GetName_ClassNotInMap_IsTheNumber()
    {
        Assert.Equal("1", Read("""{"0":"nut"}""").GetName(null, 1));
        Assert.Equal("-3", LabelMap.Empty.GetName(null, -3));
    }

    [Fact]
    public void Read_MapPerOutput_NamesByOutput()
    {
        LabelMap map = Read("""{"color":{"0":"white"},"type":{"0":"car"}}""");

        Assert.Equal("white", map.GetName("color", 0));
        Assert.Equal("car", map.GetName("type", 0));
        Assert.Equal("0", map.GetName("other", 0));
        Assert.Equal("0", map.GetName(null, 0));
        Assert.Equal("color type", string.Join(' ', map.Outputs));
    }

    [Fact]
    public void Read_EqualNames_LaterGetTheirNumber()
    {
        LabelMap map = Read("""{"5":"crane","1":"crane","2":"crane (#5)","7":"3","8":"8"}""");

        Assert.Equal("crane", map.GetName(null, 1));
        Assert.Equal("crane (#5)", map.GetName(null, 2));
        Assert.Equal("crane (#5) (#5)", map.GetName(null, 5));
        Assert.Equal("3 (#7)", map.GetName(null, 7));
        Assert.Equal("8", map.GetName(null, 8));
    }

    [DataFact]
    public void Read_ImageNet_TellsTheTwoCranesApart()
    {
        LabelMap map = LabelMap.Read(TestData.Path("labels/imagenet.json"));

        Assert.Equal("crane", map.GetName(null, 134));
        Assert.Equal("crane (#517)", map.GetName(null, 517));
        Assert.Equal("maillot (#639)", map.GetName(null, 639));
    }

    [Fact]
    public void Read_ControlAndFormatCharacters_AreReplaced() =>
        Assert.Equal("a\uFFFD[31m\uFFFD\uFFFDb", Read("""{"0":"a\u001b[31m\n\u202eb"}""").GetName(null, 0));

    [Theory]
    [InlineData("", "line 1", "expected")]
    [InlineData("label", "line 1", "expected")]
    [InlineData("[\"a\"]", "line 1", "expected")]
    [InlineData("{\n\"0\":\"a\"", "line 2", "expected")]
    [InlineData("{\n\"0\":\"a\",\n\"1\":2}", "line 3", "class 1 is not a string")]
    [InlineData("{\"0\":null}", "line 1", "class 0 is not a string")]
    [InlineData("{\"0\":\"\"}", "line 1", "0 characters")]
    [InlineData("{\"-1\":\"a\"}", "line 1", "'-1' is not a class number")]
    [InlineData("{\"nut\":\"a\"}", "line 1", "'nut' is not a class number")]
    [InlineData("{\"99999999999\":\"a\"}", "line 1", "is not a class number")]
    [InlineData("{\"0\":\"a\",\n\"0\":\"b\"}", "line 2", "class 0 is there twice")]
    [InlineData("{\"a\":{},\n\"a\":{}}", "line 2", "output 'a' is there twice")]
    [InlineData("{\"0\":\"a\",\n\"a\":{}}", "line 2", "mixed")]
    [InlineData("{\"a\":{\"0\":\"x\"},\n\"0\":\"a\"}", "line 2", "mixed")]
    [InlineData("{\"a\":{\"0\":{\"1\":\"x\"}}}", "line 1", "class 0 is not a string")]
    [InlineData("{\"0\":\"\\ud800\"}", "line 1", "surrogate")]
    [InlineData("{\"0\":\"a\"} x", "line 1", "expected")]
    public void Read_NotALabelMap_SaysWhereAndWhat(string json, string where, string what)
    {
        var fault = Assert.Throws<LabelMapException>(() => Read(json));

        Assert.Contains(_path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(where, fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ByteOrderMark_IsSkipped()
    {
        File.WriteAllText(_path, """{"0":"nut"}""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal("nut", LabelMap.Read(_path).GetName(null, 0));
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_AreRefused()
    {
        File.WriteAllBytes(_path, [.. "{\"0\":\""u8, 0xC3, 0x28, .. "\"}"u8]);

        Assert.Throws<LabelMapException>(() => LabelMap.Read(_path));
    }

    [Fact]
    public void Read_NestedTooDeep_IsRefused() => Assert.Throws<LabelMapException>(() => Read(new string('[', 100_000)));

    [Theory]
    [InlineData(LabelMap.MaxNameLength, true)]
    [InlineData(LabelMap.MaxNameLength + 1, false)]
    public void Read_NameLength_IsLimited(int length, bool accepted)
    {
        string name = new('x', length);
        if (accepted)
            Assert.Equal(name, Read($$"""{"0":"{{name}}"}""").GetName(null, 0));
        else
            Assert.Throws<LabelMapException>(() => Read($$"""{"0":"{{name}}"}"""));
    }

    [Theory]
    [InlineData(LabelMap.MaxEntries, true)]
    [InlineData(LabelMap.MaxEntries + 1, false)]
    public void Read_Entries_AreLimited(int count, bool accepted)
    {
        string json = "{" + string.Join(',', Enumerable.Range(0, count).Select(static i => $"\"{i}\":\"n{i}\"")) + "}";
        if (accepted)
            Assert.Equal($"n{count - 1}", Read(json).GetName(null, count - 1));
        else
            Assert.Contains("more than 100000", Assert.Throws<LabelMapException>(() => Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileTooLarge_IsRefusedUnread()
    {
        using (FileStream file = File.OpenWrite(_path))
            file.SetLength(LabelMap.MaxFileBytes + 1);

        Assert.Contains("at most", Assert.Throws<LabelMapException>(() => LabelMap.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoSuchFile_NamesIt() =>
        Assert.Contains("/no/such.json", Assert.Throws<LabelMapException>(() => LabelMap.Read("/no/such.json")).Message, StringComparison.Ordinal);

    private LabelMap Read(string json)
    {
        File.WriteAllText(_path, json);
        return LabelMap.Read(_path);
    }
}
