using System.Globalization;
using System.Text;
using EdgeInference.Publishing.Greengrass;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Tests.Greengrass;

/// <summary>Damaged JSON of answers and messages, the same in every run: it is read or passed over. EDGEINFERENCE_FUZZ_CASES sets how much.</summary>
[Trait("Category", "Fuzz")]
public sealed class IpcAnswerFuzzTests
{
    private static readonly string[] s_parts =
        ["{", "}", "[", "]", "\"", ":", ",", "null", "7", "-", "1e999", "\"\\ud800\"", "\\", "\0", "\"message\"", "\"payload\"", "\"_message\"", "\"_errorCode\"", "\"YQ==\"", "{{{{", "\u00ff"];

    private readonly Random _random = new(1);

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 500;

    [Fact]
    public void Read_DamagedJson_IsReadOrPassedOver()
    {
        string[] seeds =
        [
            """{"message":{"topicName":"t","payload":"aGVsbG8="}}""",
            """{"_message":"no","_errorCode":"ServiceError","message":"no"}""",
        ];
        int read = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] json = Damage(seeds[i % seeds.Length]);
            var message = new EventStreamMessage([], json);

            read += IpcAnswer.PayloadOf(message) is { Length: > 0 } ? 1 : 0;
            Assert.DoesNotContain('\n', IpcAnswer.ErrorOf(message).Message);
        }

        Assert.InRange(read, 1, Cases / 2);
    }

    private byte[] Damage(string seed)
    {
        var text = new StringBuilder(seed);
        for (int changes = _random.Next(1, 4); changes > 0; changes--)
        {
            int at = _random.Next(text.Length);
            if (_random.Next(2) == 0)
                text.Insert(at, s_parts[_random.Next(s_parts.Length)]);
            else
                text.Remove(at, Math.Min(_random.Next(1, 6), text.Length - at - 1));
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (_random.Next(3) == 0)
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        return bytes;
    }
}
