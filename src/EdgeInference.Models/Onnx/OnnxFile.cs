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
        byte[] bytes = File.ReadAllBytes(path);
        ModelProto model = Parse(bytes, path);
        if (model.Graph is not { Output.Count: > 0 } graph)
            throw new ModelException($"{path}: not an ONNX model: it has no graph with outputs.");
        if (graph.Initializer.FirstOrDefault(static t => t.DataLocation == TensorProto.Types.DataLocation.External) is { } external)
            throw new ModelException($"{path}: tensor '{external.Name}' is kept in another file, which is not supported.");

        HashSet<string> initializers = [.. graph.Initializer.Select(static t => t.Name)];
        ValueInfoProto[] inputs = [.. graph.Input.Where(input => !initializers.Contains(input.Name))];
        TensorInfo[] described = [.. inputs.Select(input => Describe(input, path))];
        if (inputShapes is { Count: > 0 })
        {
            foreach ((int input, long[] shape) in InputShapes.Match([.. described.Select(static info => (info.Name, info.Shape))], inputShapes, path))
            {
                inputs[input].Type.TensorType.Shape = OnnxWriter.ToShape(shape);
                described[input] = described[input] with { Shape = shape };
            }

            bytes = model.ToByteArray();
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

    /// <exception cref="ModelException">The bytes are not an ONNX model.</exception>
    public static ModelProto Parse(byte[] bytes, string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(UnsafeByteOperations.UnsafeWrap(bytes));
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
