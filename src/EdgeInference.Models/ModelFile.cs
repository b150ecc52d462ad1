using System.Xml;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models;

/// <summary>Reads model files: OpenVINO IR (.xml with the .bin beside it) and .onnx.</summary>
public static class ModelFile
{
    /// <param name="path">The .xml or .onnx file.</param>
    /// <param name="options">Choices that the file leaves open; null for the defaults.</param>
    /// <exception cref="ModelException">The file is missing, damaged, or more than is supported.</exception>
    public static InferenceModel Read(string path, ModelFileOptions? options = null)
    {
        options ??= new ModelFileOptions();
        try
        {
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".XML" => ReadIr(path, options),
                ".ONNX" => OnnxFile.Read(path),
                _ => throw new ModelException($"{path}: a model file ends in .xml or .onnx."),
            };
        }
        catch (LayerException e)
        {
            throw new ModelException($"{path}: {e.Message}.", e);
        }
        catch (XmlException e)
        {
            throw new ModelException($"{path}: not well-formed XML: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" or "fileName" })
        {
            throw new ModelException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static InferenceModel ReadIr(string path, ModelFileOptions options)
    {
        IrDocument document = IrReader.Read(path);
        if (options.InputShapes is { } inputShapes)
            document = IrInputShapes.Apply(document, inputShapes, path);
        using var weights = new IrWeights(Path.ChangeExtension(path, ".bin"));
        Graph graph = IrTranslator.Translate(document, weights, path);
        GraphPasses.Run(graph);
        TensorInfo[] outputs = [.. graph.Outputs.Select(static output => new TensorInfo(output.Name, output.Value.ElementType, output.Value.Shape))];
        DetectionStage? stage = DetectionStage.CutOff(graph);
        return new InferenceModel
        {
            Name = document.Name,
            Path = path,
            Format = $"IR v{document.Version}, {IrPrecision.Of(document)}",
            Onnx = OnnxWriter.Write(graph),
            Inputs = [.. graph.Inputs.Select(static input => new TensorInfo(input.Name, input.ElementType, input.Shape))],
            Outputs = outputs,
            OutputStage = stage,
            DetectionOutputs = stage?.Detections ?? [],
        };
    }
}
