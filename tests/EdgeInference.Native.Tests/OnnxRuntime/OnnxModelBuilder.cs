using System.Text;
using EdgeInference.Inference;

namespace EdgeInference.Native.Tests.OnnxRuntime;

/// <summary>
/// Writes small ONNX models in protobuf's wire format, with the field numbers of onnx.proto (IR version 8, opset 17).
/// </summary>
internal sealed class OnnxModelBuilder
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly List<byte> _graph = [];
    private readonly List<TensorInfo> _inputs = [];
    private readonly List<TensorInfo> _outputs = [];

    public OnnxModelBuilder Input(string name, TensorElementType type, params long[] shape)
    {
        _inputs.Add(new TensorInfo(name, type, shape));
        WriteBytes(_graph, 11, ValueInfo(name, type, shape));
        return this;
    }

    /// <summary>A dimension known at run time only is -1, here as with inputs.</summary>
    public OnnxModelBuilder Output(string name, TensorElementType type, params long[] shape)
    {
        _outputs.Add(new TensorInfo(name, type, shape));
        WriteBytes(_graph, 12, ValueInfo(name, type, shape));
        return this;
    }

    /// <summary>An initializer of float32.</summary>
    public OnnxModelBuilder Constant(string name, long[] shape, params float[] values)
    {
        List<byte> tensor = [];
        foreach (long dimension in shape)
            WriteVarint(tensor, 1, dimension);
        WriteVarint(tensor, 2, OnnxType(TensorElementType.Float32));
        WriteString(tensor, 8, name);
        WriteBytes(tensor, 9, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        WriteBytes(_graph, 5, tensor.ToArray());
        return this;
    }

    /// <summary>A node without attributes, but for <c>to</c>, which a Cast needs.</summary>
    public OnnxModelBuilder Node(string operation, string[] inputs, string[] outputs, TensorElementType? to = null)
    {
        List<byte> node = [];
        foreach (string input in inputs)
            WriteString(node, 1, input);
        foreach (string output in outputs)
            WriteString(node, 2, output);
        WriteString(node, 4, operation);
        if (to is { } type)
        {
            List<byte> attribute = [];
            WriteString(attribute, 1, "to");
            WriteVarint(attribute, 3, OnnxType(type));
            WriteVarint(attribute, 20, 2);
            WriteBytes(node, 5, attribute.ToArray());
        }

        WriteBytes(_graph, 1, node.ToArray());
        return this;
    }

    public InferenceModel Build(string path = "/models/test.onnx")
    {
        List<byte> graph = [];
        graph.AddRange(_graph);
        WriteString(graph, 2, "test");
        List<byte> opset = [];
        WriteVarint(opset, 2, 17);
        List<byte> model = [];
        WriteVarint(model, 1, 8);
        WriteBytes(model, 7, graph.ToArray());
        WriteBytes(model, 8, opset.ToArray());
        return new InferenceModel
        {
            Name = "test",
            Path = path,
            Format = "ONNX",
            Onnx = model.ToArray(),
            Inputs = _inputs,
            Outputs = _outputs,
        };
    }

    private static byte[] ValueInfo(string name, TensorElementType type, long[] shape)
    {
        List<byte> dimensions = [];
        foreach (long dimension in shape)
        {
            List<byte> one = [];
            if (dimension >= 0)
                WriteVarint(one, 1, dimension);
            else
                WriteString(one, 2, "N");
            WriteBytes(dimensions, 1, one.ToArray());
        }

        List<byte> tensorType = [];
        WriteVarint(tensorType, 1, OnnxType(type));
        WriteBytes(tensorType, 2, dimensions.ToArray());
        List<byte> typeProto = [];
        WriteBytes(typeProto, 1, tensorType.ToArray());
        List<byte> value = [];
        WriteString(value, 1, name);
        WriteBytes(value, 2, typeProto.ToArray());
        return value.ToArray();
    }

    private static int OnnxType(TensorElementType type) => type switch
    {
        TensorElementType.Float32 => 1,
        TensorElementType.UInt8 => 2,
        TensorElementType.Int8 => 3,
        TensorElementType.Int16 => 5,
        TensorElementType.Int32 => 6,
        TensorElementType.Int64 => 7,
        TensorElementType.Boolean => 9,
        TensorElementType.Float16 => 10,
        TensorElementType.Float64 => 11,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static void WriteString(List<byte> target, int field, string text) => WriteBytes(target, field, Encoding.UTF8.GetBytes(text));

    private static void WriteBytes(List<byte> target, int field, ReadOnlySpan<byte> bytes)
    {
        WriteRaw(target, (field << 3) | LengthDelimited);
        WriteRaw(target, bytes.Length);
        target.AddRange(bytes);
    }

    private static void WriteVarint(List<byte> target, int field, long value)
    {
        WriteRaw(target, (field << 3) | Varint);
        WriteRaw(target, value);
    }

    private static void WriteRaw(List<byte> target, long value)
    {
        ulong rest = (ulong)value;
        while (rest >= 0x80)
        {
            target.Add((byte)(rest | 0x80));
            rest >>= 7;
        }

        target.Add((byte)rest);
    }
}
