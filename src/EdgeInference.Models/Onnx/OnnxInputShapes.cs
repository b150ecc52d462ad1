using Google.Protobuf;

namespace EdgeInference.Models.Onnx;

/// <summary>Gives inputs of a serialised model other shapes; all else stays as it stands, byte for byte, and is copied once.</summary>
internal static class OnnxInputShapes
{
    /// <param name="model">A model that <see cref="OnnxScan"/> has no objection to.</param>
    /// <param name="shapes">Whole shapes of some inputs, by name.</param>
    public static byte[] Replace(ReadOnlyMemory<byte> model, IReadOnlyDictionary<string, long[]> shapes)
    {
        var fields = new WireReader(model.Span);
        while (fields.Read() && fields.Field != ModelProto.GraphFieldNumber)
        {
        }

        List<ReadOnlyMemory<byte>> graph = Change(model[(fields.End - fields.Content.Length)..fields.End], shapes);
        return Join([model[..fields.Start], Header(ModelProto.GraphFieldNumber, graph.Sum(static part => part.Length)), .. graph, model[fields.End..]]);
    }

    /// <returns>The parts of the changed graph.</returns>
    private static List<ReadOnlyMemory<byte>> Change(ReadOnlyMemory<byte> graph, IReadOnlyDictionary<string, long[]> shapes)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        int done = 0;
        var fields = new WireReader(graph.Span);
        while (fields.Read())
        {
            if (fields.Field != GraphProto.InputFieldNumber)
                continue;
            ValueInfoProto input = ValueInfoProto.Parser.ParseFrom(fields.Content);
            if (!shapes.TryGetValue(input.Name, out long[]? shape))
                continue;
            input.Type.TensorType.Shape = OnnxWriter.ToShape(shape);
            byte[] changed = input.ToByteArray();
            parts.AddRange([graph[done..fields.Start], Header(GraphProto.InputFieldNumber, changed.Length), changed]);
            done = fields.End;
        }

        parts.Add(graph[done..]);
        return parts;
    }

    private static byte[] Header(int field, int length)
    {
        var header = new byte[1 + CodedOutputStream.ComputeLengthSize(length)];
        using var output = new CodedOutputStream(header);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(length);
        return header;
    }

    private static byte[] Join(ReadOnlyMemory<byte>[] parts)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(parts.Sum(static part => part.Length));
        int done = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.CopyTo(result.AsMemory(done));
            done += part.Length;
        }

        return result;
    }
}
