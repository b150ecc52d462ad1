using System.Text;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;
using Google.Protobuf;

namespace EdgeInference.Models.Onnx;

/// <summary>Writes a graph as a serialised ONNX model.</summary>
internal sealed class OnnxWriter
{
    /// <summary>The version of ONNX's operators that is written.</summary>
    public const long Opset = 17;

    private const long IrVersion = 8;

    /// <summary>Protobuf's own limit, less what the rest of a model takes.</summary>
    private const long LargestWeights = int.MaxValue - (64 << 20);

    /// <summary>Where the name of a value that only the graph itself knows is cut off: it is written wherever it is used.</summary>
    private const int LongestName = 128;

    private readonly GraphProto _proto;
    private readonly Dictionary<Value, string> _names = [];
    private readonly Dictionary<(ReadOnlyMemory<byte> Data, string Shape), string> _initializers = [];
    private readonly Queue<OnnxTensor> _tensors = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _repeats = new(StringComparer.Ordinal);
    private long _weightBytes;

    private OnnxWriter(string graphName) => _proto = new GraphProto { Name = graphName };

    /// <summary>What an engine needs. The graph has no nodes afterwards.</summary>
    /// <exception cref="LayerException">The model is larger than ONNX allows.</exception>
    public static byte[] Write(Graph graph)
    {
        var writer = new OnnxWriter(graph.Name);
        writer.Add(graph);
        return writer.Serialize(writer.Envelope(), graph);
    }

    /// <summary>
    /// What a file needs that stands for itself: also the output stage, and the type and shape of every value. The graph has
    /// no nodes afterwards.
    /// </summary>
    /// <exception cref="LayerException">The model is larger than ONNX allows.</exception>
    public static byte[] WriteFile(Graph graph, StageDescription? stage)
    {
        var writer = new OnnxWriter(graph.Name);
        writer.Add(graph);
        writer.DescribeValues(graph);
        ModelProto model = writer.Envelope();
        model.ProducerVersion = typeof(OnnxWriter).Assembly.GetName().Version!.ToString(3);
        if (stage is not null)
            OnnxMetadata.Write(model, stage);
        return writer.Serialize(model, graph);
    }

    /// <summary>A shape with no open sizes.</summary>
    public static TensorShapeProto ToShape(IEnumerable<long> sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(sizes.Select(static size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return shape;
    }

    private ModelProto Envelope()
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "edge-inference" };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (string domain in _proto.Node.Select(static node => node.Domain).Where(static domain => domain.Length > 0).Distinct())
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        return model;
    }

    /// <summary>Only the queue of tensors may hold weights from here on.</summary>
    private byte[] Serialize(ModelProto model, Graph graph)
    {
        foreach (Node node in graph.Nodes)
            node.Inputs.Clear();
        graph.Nodes.Clear();
        _names.Clear();
        _initializers.Clear();
        return OnnxSerializer.Write(model, _proto, _tensors);
    }

    private void DescribeValues(Graph graph)
    {
        HashSet<string> outputs = [.. _proto.Output.Select(static output => output.Name)];
        foreach (Value value in graph.Nodes.SelectMany(static node => node.Outputs).Where(value => !outputs.Contains(_names[value])))
            _proto.ValueInfo.Add(Describe(_names[value], value.ElementType, value.Shape));
    }

    private void Add(Graph graph)
    {
        foreach (Value input in graph.Inputs)
        {
            _names[input] = Unique(input.Name);
            _proto.Input.Add(Describe(input.Name, input.ElementType, input.Shape));
        }

        // An output that is the engine's to compute gets its name here; one that is an input, a constant or named twice is copied below.
        var copies = new List<GraphOutput>();
        foreach (GraphOutput output in graph.Outputs)
        {
            _proto.Output.Add(Describe(output.Name, output.Value.ElementType, output.Value.Shape));
            _taken.Add(output.Name);
            if (output.Value.Producer is null || !_names.TryAdd(output.Value, output.Name))
                copies.Add(output);
        }

        foreach (Node node in graph.Nodes)
            Add(node.Operation, node.Inputs.Select(Name), node.Outputs.Select(Name), node.Attributes, node.Domain);
        foreach (GraphOutput copy in copies)
            Add("Identity", [Name(copy.Value)], [copy.Name], []);
    }

    private void Add(string operation, IEnumerable<string> inputs, IEnumerable<string> outputs, IEnumerable<NodeAttribute> attributes, string domain = "")
    {
        var node = new NodeProto { OpType = operation, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        while (node.Input.Count > 0 && node.Input[^1].Length == 0)
            node.Input.RemoveAt(node.Input.Count - 1);
        node.Name = node.Output[0];
        node.Attribute.AddRange(attributes.Select(Write));
        _proto.Node.Add(node);
    }

    private string Name(Value? value)
    {
        if (value is null)
            return "";
        if (_names.TryGetValue(value, out string? known))
            return known;
        if (value.Constant is not { } constant)
            return _names[value] = Unique(Short(value.Name));

        // Constants with the same bytes, such as weights used twice, are written once.
        (ReadOnlyMemory<byte> Data, string Shape) key = (constant.Data, $"{constant.ElementType}{Shapes.Describe(constant.Shape)}");
        if (!_initializers.TryGetValue(key, out string? name))
        {
            name = Unique($"{Short(value.Name)}/constant");
            _initializers.Add(key, name);
            _weightBytes += constant.Data.Length;
            if (_weightBytes > LargestWeights)
                throw new LayerException("its weights as floats are more than 2 GB, which no ONNX model can hold");
            var tensor = new TensorProto { Name = name, DataType = OnnxTypes.ToOnnx(constant.ElementType) };
            tensor.Dims.AddRange(constant.Shape);
            _tensors.Enqueue(new OnnxTensor(tensor, constant.Data));
        }

        return _names[value] = name;
    }

    private string Unique(string name)
    {
        string known = name.Length > 0 ? name : "unnamed";
        string unique = known;
        while (!_taken.Add(unique))
            unique = $"{known}#{_repeats[known] = _repeats.GetValueOrDefault(known) + 1}";
        return unique;
    }

    private static string Short(string name) => name.Length <= LongestName ? name : name[..LongestName];

    private static ValueInfoProto Describe(string name, TensorElementType type, IReadOnlyList<long> sizes)
    {
        var shape = new TensorShapeProto();
        for (int i = 0; i < sizes.Count; i++)
        {
            shape.Dim.Add(sizes[i] >= 0
                ? new TensorShapeProto.Types.Dimension { DimValue = sizes[i] }
                : new TensorShapeProto.Types.Dimension { DimParam = $"{name}:{i}" });
        }

        var tensor = new TypeProto.Types.Tensor { ElemType = OnnxTypes.ToOnnx(type), Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static AttributeProto Write(NodeAttribute attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case long number:
                (proto.I, proto.Type) = (number, AttributeProto.Types.AttributeType.Int);
                break;
            case float number:
                (proto.F, proto.Type) = (number, AttributeProto.Types.AttributeType.Float);
                break;
            case string text:
                (proto.S, proto.Type) = (ByteString.CopyFrom(text, Encoding.UTF8), AttributeProto.Types.AttributeType.String);
                break;
            case long[] numbers:
                proto.Ints.AddRange(numbers);
                proto.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            case float[] numbers:
                proto.Floats.AddRange(numbers);
                proto.Type = AttributeProto.Types.AttributeType.Floats;
                break;
            default:
                throw new InvalidOperationException($"Attribute '{attribute.Name}' is a {attribute.Value.GetType()}.");
        }

        return proto;
    }
}
