using System.Globalization;
using System.Text;
using EdgeInference.Publishing.Kinesis;
using FsCheck.Xunit;

namespace EdgeInference.Publishing.Tests.Kinesis;

public sealed class PutRecordsAnswerTests
{
    private const string AllPut = """{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"SequenceNumber":"2","ShardId":"s"}]}""";
    private const string SecondFailed =
        """{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"ErrorCode":"InternalFailure","ErrorMessage":"m"}]}""";

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 400;

    [Fact]
    public void Parse_AllPut_HasNoError() => Assert.Equal(new PutRecordsAnswer(2, null), Parse(AllPut));

    [Fact]
    public void Parse_OneFailed_TellsTheFirst() => Assert.Equal(new PutRecordsAnswer(1, "InternalFailure"), Parse(SecondFailed));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Records":{}}""")]
    [InlineData("""{"Records":[]}""")]
    [InlineData("""{"Records":[{"SequenceNumber":"1"}]}""")]
    [InlineData("""{"Records":[1,2]}""")]
    [InlineData("""{"Records":[{},{}]}""")]
    [InlineData("""{"Records":[{"SequenceNumber":"1"},{"SequenceNumber":null}]}""")]
    [InlineData("""{"Records":[{"SequenceNumber":"1"},{"ErrorCode":5}]}""")]
    [InlineData("<html>proxy</html>")]
    public void Parse_NotAnAnswer_IsTemporary(string json) =>
        Assert.Equal(PublishFailure.Temporary, Assert.Throws<PublishException>(() => Parse(json)).Failure);

    [Fact]
    [Trait("Category", "Fuzz")]
    public void Parse_DamagedAnswer_ThrowsNothingElse()
    {
        var random = new Random(1);
        for (int i = 0; i < Cases; i++)
        {
            byte[] json = Encoding.UTF8.GetBytes(i % 2 == 0 ? AllPut : SecondFailed);
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                json[random.Next(json.Length)] = (byte)random.Next(256);
            KeepsItsPromise(random.Next(4) == 0 ? json.AsMemory(0, random.Next(json.Length)) : json);
        }
    }

    [Property(MaxTest = 500)]
    [Trait("Category", "Fuzz")]
    public void Parse_AnyBytes_ThrowsNothingElse(byte[]? bytes) => KeepsItsPromise(bytes ?? []);

    [Property(MaxTest = 500)]
    [Trait("Category", "Fuzz")]
    public void Parse_AnyErrorCode_IsKeptOrRefused(string? code)
    {
        string json = $$"""{"Records":[{"SequenceNumber":"1"},{"ErrorCode":{{System.Text.Json.JsonSerializer.Serialize(code ?? "x")}}}]}""";

        Assert.Equal(1, Parse(json).FirstFailed);
    }

    private static PutRecordsAnswer Parse(string json) => PutRecordsAnswer.Parse(Encoding.UTF8.GetBytes(json), records: 2, "kinesis://r/s");

    private static void KeepsItsPromise(ReadOnlyMemory<byte> json)
    {
        try
        {
            PutRecordsAnswer answer = PutRecordsAnswer.Parse(json, records: 2, "kinesis://r/s");
            Assert.InRange(answer.FirstFailed, 0, 2);
        }
        catch (PublishException exception)
        {
            Assert.Equal(PublishFailure.Temporary, exception.Failure);
        }
    }
}
