using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Onnx;

namespace EdgeInference.Models.Inspection;

/// <summary>Reads an ONNX graph for its shapes, not to be run: what the file says of a value that is known, and nothing else.</summary>
internal static class OnnxGraphReader
{
    public static Graph Read(ModelProto model)
    {
        GraphProto proto = model.Graph;
        var graph = new Graph { Name = proto.Name };
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (TensorProto tensor in proto.Initializer)
        {
            // The numbers are not looked at: their place in the file stands for them.
            TensorElementType type = TypeOf(tensor.DataType);
            values[tensor.Name] = new Value(tensor.Name, type, [.. tensor.Dims]) { Constant = new Constant(type, [.. tensor.Dims], tensor.RawData.Memory) };
        }

        Dictionary<string, ValueInfoProto> described = proto.ValueInfo.Concat(proto.Output).DistinctBy(static v => v.Name).ToDictionary(static v => v.Name, StringComparer.Ordinal);
        foreach (ValueInfoProto input in proto.Input.Where(input => !values.ContainsKey(input.Name)))
            graph.Inputs.Add(values[input.Name] = Describe(input.Name, input));
        foreach (NodeProto node in proto.Node)
        {
            Value[] outputs = [.. node.Output.Where(static name => name.Length > 0).Select(name => values[name] = Describe(name, described.GetValueOrDefault(name)))];
            if (outputs.Length == 0)
                continue;
            var read = new Node(
                node.OpType,
                node.Input.Select(name => values.GetValueOrDefault(name)),
                outputs,
                node.Attribute.Where(static a => a.Type == AttributeProto.Types.AttributeType.Int).Select(static a => new NodeAttribute(a.Name, a.I)));
            foreach (Value output in outputs)
                output.Producer = read;
            graph.Nodes.Add(read);
        }

        foreach (ValueInfoProto output in proto.Output.Where(output => values.ContainsKey(output.Name)))
            graph.AddOutput(output.Name, values[output.Name]);
        return graph;
    }

    private static Value Describe(string name, ValueInfoProto? info)
    {
        TypeProto.Types.Tensor? tensor = info?.Type?.TensorType;
        return new Value(name, TypeOf(tensor?.ElemType ?? 0), tensor?.Shape is { } shape
            ? [.. shape.Dim.Select(static d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? Math.Max(d.DimValue, -1) : -1)]
            : [Shapes.Unknown]);
    }

    /// <summary>Types that none of our tensors has count one byte.</summary>
    private static TensorElementType TypeOf(int type) => OnnxTypes.FromOnnx(type) ?? TensorElementType.UInt8;
}
