using System.Buffers.Binary;
using System.Text;

namespace EdgeInference.Service.Tests.Logging;

/// <summary>Reads a datagram of the journal's native protocol, as journald does.</summary>
internal static class JournalReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static List<KeyValuePair<string, string>> Read(ReadOnlySpan<byte> bytes)
    {
        List<KeyValuePair<string, string>> fields = [];
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            Assert.True(end > 0, "A line does not end.");
            ReadOnlySpan<byte> line = bytes[..end];
            bytes = bytes[(end + 1)..];
            int equals = line.IndexOf((byte)'=');
            if (equals >= 0)
            {
                fields.Add(new(Strict.GetString(line[..equals]), Strict.GetString(line[(equals + 1)..])));
                continue;
            }

            int length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
            fields.Add(new(Strict.GetString(line), Strict.GetString(bytes.Slice(sizeof(long), length))));
            Assert.Equal((byte)'\n', bytes[sizeof(long) + length]);
            bytes = bytes[(sizeof(long) + length + 1)..];
        }

        return fields;
    }

    public static string Value(this IEnumerable<KeyValuePair<string, string>> fields, string name) => Assert.Single(fields, field => field.Key == name).Value;
}
