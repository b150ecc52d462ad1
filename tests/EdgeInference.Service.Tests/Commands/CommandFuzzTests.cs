using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeInference.Service.Commands;
using Xunit.Abstractions;

namespace EdgeInference.Service.Tests.Commands;

/// <summary>Anybody who may publish to the topic may send anything: each message is a command or has an answer that says why not. EDGEINFERENCE_FUZZ_CASES sets how many.</summary>
[Trait("Category", "Fuzz")]
public sealed partial class CommandFuzzTests(ITestOutputHelper console)
{
    private static readonly string[] Seeds =
    [
        """{"command":"report","stream":"line1","id":"7"}""",
        """{"command":"set-interval","interval":0.5,"id":"\u00e4\ud83d\ude00"}""",
        """{"command":"set-interval","interval":"00:00:05","stream":"line1"}""",
        """{"command":"report","x":{"y":[1,2,{"z":null}]},"id":"a","id":"b"}""",
    ];

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", "\"", "\\", ":", ",", "\\ud800", "\\u0000", "1e999", "-", "null", "\"id\":", "\"command\":\"report\"", "\0", "\n", "é", "\U0001F600", "/*"];

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 2000;

    [Fact]
    public void Parse_MutatedCommands_AreUnderstoodOrRefusedInOneCleanLine()
    {
        var random = new Random(20261127);
        int understood = 0;
        var faults = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Cases; i++)
        {
            byte[] payload = Mutate(Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]), random);
            CommandMessage message = CommandParser.Parse(payload);
            if (message.Fault is not { } fault)
            {
                understood++;
                Assert.InRange(message.Command.Id?.Length ?? 0, 0, CommandParser.MaxIdLength);
                continue;
            }

            faults.Add(Numbers().Replace(Quotes().Replace(fault, "''"), "0"));
            Assert.DoesNotContain(fault, char.IsControl);
            Assert.InRange(fault.Length, 1, 300);
            byte[] answer = CommandReplyJson.Write(CommandReply.Of(message));
            using JsonDocument json = JsonDocument.Parse(answer);
            Assert.False(json.RootElement.GetProperty("ok").GetBoolean());
            Assert.Equal(message.Id, json.RootElement.GetProperty("id").GetString());
            Assert.InRange(answer.Length, 1, 2000);
        }

        console.WriteLine($"{Cases} messages: {understood} understood, {faults.Count} kinds of fault");
        Assert.InRange(understood, 1, Cases - 1);
        Assert.InRange(faults.Count, 8, 20);
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        List<byte> bytes = [.. message];
        for (int changes = random.Next(4); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(Math.Min(8, bytes.Count - at)));
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)'[', random.Next(5000)));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex("'.*'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quotes();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();
}
