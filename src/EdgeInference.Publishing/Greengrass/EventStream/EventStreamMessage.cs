using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>A message of the event-stream format.</summary>
/// <param name="Headers">Those of one name: the first counts.</param>
/// <param name="Payload">May be empty.</param>
internal sealed record EventStreamMessage(IReadOnlyList<EventStreamHeader> Headers, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The header's value; null where there is none of that name, or it is no int32.</summary>
    public int? FindInt32(string name) =>
        TryFind(name, EventStreamHeaderType.Int32, out EventStreamHeader header) ? BinaryPrimitives.ReadInt32BigEndian(header.Value.Span) : null;

    /// <summary>The header's value; null where there is none of that name, or it is no string.</summary>
    public string? FindString(string name) =>
        TryFind(name, EventStreamHeaderType.String, out EventStreamHeader header) ? (string)header.ToObject() : null;

    private bool TryFind(string name, EventStreamHeaderType type, [MaybeNullWhen(false)] out EventStreamHeader found)
    {
        foreach (EventStreamHeader header in Headers)
        {
            if (header.Name != name)
                continue;
            found = header;
            return header.Type == type;
        }

        found = default;
        return false;
    }
}
