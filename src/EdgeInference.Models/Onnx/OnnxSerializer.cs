using Google.Protobuf;

namespace EdgeInference.Models.Onnx;

/// <summary>Serialises a model and lets its weights go while it copies them, so that they are never in memory twice as a whole.</summary>
internal static class OnnxSerializer
{
    /// <summary>Weights that are copied before the memory of those let go is given back: of little use for less.</summary>
    private const long LeastStep = 8 << 20;
    private const int Steps = 32;

    /// <param name="model">The model without its graph.</param>
    /// <param name="graph">The graph without its initializers.</param>
    /// <param name="tensors">The initializers; empty afterwards.</param>
    public static byte[] Write(ModelProto model, GraphProto graph, Queue<OnnxTensor> tensors)
    {
        int graphSize = graph.CalculateSize() + tensors.Sum(static tensor => FieldSize(tensor.Size));
        int size = model.CalculateSize() + FieldSize(graphSize);
        long step = Math.Max(size / Steps, LeastStep);
        if (size > step)
            GiveBack();

        byte[] result = GC.AllocateUninitializedArray<byte>(size);
        using var output = new CodedOutputStream(result);
        model.WriteTo(output);
        output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(graphSize);
        graph.WriteTo(output);
        long copied = 0;
        while (tensors.TryDequeue(out OnnxTensor? tensor))
        {
            output.WriteTag(GraphProto.InitializerFieldNumber, WireFormat.WireType.LengthDelimited);
            tensor.WriteTo(output);
            copied += tensor.Size;
            if (copied < step)
                continue;
            copied = 0;
            GiveBack();
        }

        output.CheckNoSpaceLeft();
        return result;
    }

    private static int FieldSize(int size) => checked(1 + CodedOutputStream.ComputeLengthSize(size) + size);

    /// <summary>The collector would keep what is dead: from its view there is no hurry.</summary>
    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

/// <summary>An initializer: what describes it, and its content apart from that.</summary>
internal sealed class OnnxTensor(TensorProto header, ReadOnlyMemory<byte> data)
{
    /// <summary>The serialised size, without what says how long it is.</summary>
    public int Size { get; } = header.CalculateSize() + (data.IsEmpty ? 0 : 1 + CodedOutputStream.ComputeLengthSize(data.Length) + data.Length);

    public void WriteTo(CodedOutputStream output)
    {
        output.WriteLength(Size);
        header.WriteTo(output);
        if (data.IsEmpty)
            return;
        output.WriteTag(TensorProto.RawDataFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(data));
    }
}
