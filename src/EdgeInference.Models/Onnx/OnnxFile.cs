using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ssd;
using Google.Protobuf;

namespace EdgeInference.Models.Onnx;

/// <summary>Reads .onnx files: what goes in and out, and the output stage of one that was made from an IR; the rest is the engine's.</summary>
internal static class OnnxFile
{
    /// <param name="path">The file.</param>
    /// <param name="inputShapes">Whole shapes for inputs with open sizes; null for none.</param>
    /// <exception cref="ModelException">The file is not an ONNX model, or not one on its own, or the shapes are not for it.</exception>
    /// <exception cref="LayerException">Its metadata speak of an output stage that does not fit it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static InferenceModel Read(string path, IReadOnlyDictionary<string, long[]>? inputShapes)
    {
        byte[] bytes = ReadBytes(path);
        OnnxSummary model = Parse(OnnxSummary.Parser, bytes, path);
        if (model.Graph is not { Output.Count: > 0 } graph)
            throw new ModelException($"{path}: not an ONNX model: it has no graph with outputs.");

        HashSet<string> initializers = [.. graph.Initializer.Select(static t => t.Name)];
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !initializers.Contains(input.Name))];
        TensorInfo[] described = [.. inputs.Select(input => Describe(input, path))];
        if (inputShapes is { Count: > 0 })
        {
            IReadOnlyList<(int Input, long[] Shape)> given = InputShapes.Match([.. described.Select(static info => (info.Name, info.Shape))], inputShapes, path);
            foreach ((int input, long[] shape) in given)
                described[input] = described[input] with { Shape = shape };
            bytes = OnnxInputShapes.Replace(bytes, given.ToDictionary(pair => inputs[pair.Input].Name, static pair => pair.Shape, StringComparer.Ordinal));
        }

        long opset = model.OpsetImport.FirstOrDefault(static o => o.Domain is "" or "ai.onnx")?.Version ?? 0;
        TensorInfo[] outputs = [.. graph.Output.Select(output => Describe(output, path))];
        DetectionStage? stage = OnnxMetadata.Read(model) is { } description ? DetectionStage.Restore(description, outputs) : null;
        return new InferenceModel
        {
            Name = graph.Name.Length > 0 ? graph.Name : Path.GetFileNameWithoutExtension(path),
            Path = path,
            Format = $"ONNX, opset {opset}",
            Onnx = bytes,
            Inputs = described,
            Outputs = stage?.Outputs ?? outputs,
            OutputStage = stage,
            DetectionOutputs = stage?.Detections ?? [],
        };
    }

    /// <summary>All of a file but what the schema here leaves out.</summary>
    /// <exception cref="ModelException">The file is not an ONNX model, or larger than one can be.</exception>
    /// <exception cref="LayerException">The model is malformed, or more than is supported.</exception>
    public static ModelProto Parse(string path) => Parse(ModelProto.Parser, ReadBytes(path), path);

    private static byte[] ReadBytes(string path)
    {
        long size = new FileInfo(path).Length;
        if (size > Array.MaxLength)
            throw new ModelException($"{path}: has {size} bytes; no ONNX model has more than 2 GB.");
        byte[] bytes = File.ReadAllBytes(path);
        OnnxScan.Check(bytes);
        return bytes;
    }

    private static T Parse<T>(MessageParser<T> parser, byte[] bytes, string path)
        where T : IMessage<T>
    {
        try
        {
            return parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelException($"{path}: not an ONNX model, or cut off: {e.Message}", e);
        }
    }

    private static TensorInfo Describe(ValueInfoProto info, string path)
    {
        TypeProto.Types.Tensor? tensor = info.Type?.TensorType;
        if (tensor is null || OnnxTypes.FromOnnx(tensor.ElemType) is not { } type)
            throw new ModelException($"{path}: '{info.Name}' is not a tensor of a supported type.");
        long[] shape = [.. (tensor.Shape?.Dim ?? []).Select(static d =>
            d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? d.DimValue : -1)];
        if (shape.Any(static d => d < -1))
            throw new ModelException($"{path}: '{info.Name}' has a negative dimension.");
        return new TensorInfo(info.Name, type, shape);
    }
}
