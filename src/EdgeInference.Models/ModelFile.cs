using System.Xml;
using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Inspection;
using EdgeInference.Models.Ir;
using EdgeInference.Models.Onnx;
using EdgeInference.Models.Passes;
using EdgeInference.Models.Quantization;
using EdgeInference.Models.Ssd;

namespace EdgeInference.Models;

/// <summary>Reads model files: OpenVINO IR (.xml with the .bin beside it) and .onnx.</summary>
public static class ModelFile
{
    /// <param name="path">The .xml or .onnx file.</param>
    /// <param name="options">Choices that the file leaves open; null for the defaults.</param>
    /// <exception cref="ModelException">The file is missing, damaged, or more than is supported.</exception>
    public static InferenceModel Read(string path, ModelFileOptions? options = null) => Explain(path, () =>
        KindOf(path) == ModelKind.Ir ? ReadIr(path, options ?? new ModelFileOptions()) : OnnxFile.Read(path, options?.InputShapes));

    /// <summary>
    /// Translates an IR into an .onnx file for any tool; given to <see cref="Read"/>, it is the same model again. Every machine
    /// makes the same file: <see cref="IntegerKernels.Auto"/>, which asks the processor, is <see cref="IntegerKernels.Always"/> here.
    /// </summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static ConvertedModel Convert(string path, ModelFileOptions? options = null) => Explain(path, () =>
    {
        if (KindOf(path) == ModelKind.Onnx)
            throw new ModelException($"{path}: is an ONNX file already.");
        options ??= new ModelFileOptions();
        IntegerKernels kernels = options.IntegerKernels is IntegerKernels.Never ? IntegerKernels.Never : IntegerKernels.Always;
        (_, Graph graph) = Translate(path, options with { Target = OnnxTarget.Standard, IntegerKernels = kernels });
        DetectionStage? stage = DetectionStage.CutOff(graph, constantsToo: true);
        return new ConvertedModel
        {
            Opset = OnnxWriter.Opset,
            Onnx = OnnxWriter.WriteFile(graph, stage?.Description),
            Inputs = Describe(graph.Inputs),
            Outputs = Describe(graph.Outputs),
            DetectionOutputs = stage is null ? [] : [.. stage.Detections.Select(i => stage.Description.Outputs[i].Name)],
        };
    });

    /// <summary>Looks whether the files of a model belong together, for one that may just be on its way to the disk.</summary>
    /// <exception cref="ModelException">They do not.</exception>
    public static void CheckWhole(string path) => Explain(path, () =>
    {
        if (WeightsOf(path) is { } weights)
            UnusedWeights.Check(path, weights);
        return true;
    });

    /// <summary>The files that a model consists of, whether they are there or not.</summary>
    public static IReadOnlyList<string> FilesOf(string path) =>
        path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) ? [path, Path.ChangeExtension(path, ".bin")] : [path];

    /// <summary>The file with a model's weights; null where they are in the model file itself, or there are none.</summary>
    internal static string? WeightsOf(string path) =>
        KindOf(path) == ModelKind.Ir && Path.ChangeExtension(path, ".bin") is var weights && File.Exists(weights) ? weights : null;

    private static InferenceModel ReadIr(string path, ModelFileOptions options)
    {
        if (options.Engine == ModelEngine.OpenVino)
        {
            if (UntranslatedIr.Describe(IrReader.Read(path), path, options) is { } model)
                return model;
            options = options with { Target = OnnxTarget.Standard, IntegerKernels = IntegerKernels.Never };
        }

        (IrDocument document, Graph graph) = Translate(path, options);
        TensorInfo[] outputs = Describe(graph.Outputs);
        DetectionStage? stage = DetectionStage.CutOff(graph);
        return new InferenceModel
        {
            Name = document.Name,
            Path = path,
            Format = $"IR v{document.Version}, {IrPrecision.Of(document)}",
            Onnx = OnnxWriter.Write(graph),
            Inputs = Describe(graph.Inputs),
            Outputs = outputs,
            OutputStage = stage,
            DetectionOutputs = stage?.Detections ?? [],
        };
    }

    /// <summary>What the file holds, as far as that can be said without translating it.</summary>
    /// <exception cref="ModelException">The file is missing or damaged.</exception>
    internal static ModelInspection Describe(string path, ModelFileOptions options) => Explain(path, () => KindOf(path) == ModelKind.Ir
        ? FileDescription.Of(ReadDocument(path, options), path)
        : FileDescription.Of(OnnxFile.Parse(path), OnnxFile.Read(path, options.InputShapes)));

    /// <summary>What a run of the model takes; null for an .onnx file, whose shapes only an engine knows.</summary>
    internal static GraphCost? CostOf(string path, ModelFileOptions options) => Explain(path, () =>
    {
        if (KindOf(path) == ModelKind.Onnx)
            return null;
        (_, Graph graph) = Translate(path, options with { Target = OnnxTarget.Plain, IntegerKernels = IntegerKernels.Never });
        DetectionStage.CutOff(graph);
        return GraphCost.Of(graph);
    });

    private static IrDocument ReadDocument(string path, ModelFileOptions options)
    {
        IrDocument document = IrReader.Read(path);
        return options.InputShapes is { } inputShapes ? IrInputShapes.Apply(document, inputShapes, path) : document;
    }

    private static (IrDocument Document, Graph Graph) Translate(string path, ModelFileOptions options)
    {
        IrDocument document = ReadDocument(path, options);
        string bin = Path.ChangeExtension(path, ".bin");
        LoadBudget budget = LoadBudget.ForFiles(new FileInfo(path).Length + IrPrecision.LengthInBytes(document, IrWeights.LengthOf(bin)));
        using var weights = new IrWeights(bin, budget);
        try
        {
            Graph graph = IrTranslator.Translate(document, weights, budget, path, options.FloatInterface);
            bool integerLayers = options.IntegerKernels is IntegerKernels.Always || (options.IntegerKernels is IntegerKernels.Auto && IntegerProducts.AreExact);
            GraphPasses.Run(graph, options.Target, integerLayers, budget);
            return (document, graph);
        }
        catch (ModelException exception) when (IrInputShapes.FindOpen(document) is { } input)
        {
            throw new ModelException($"{exception.Message} The file leaves sizes of the input {input} open: Model:InputShape (--shape) gives them.", exception);
        }
    }

    private static TensorInfo[] Describe(IEnumerable<Value> inputs) =>
        [.. inputs.Select(static input => new TensorInfo(input.Name, input.ElementType, input.Shape))];

    private static TensorInfo[] Describe(IEnumerable<GraphOutput> outputs) =>
        [.. outputs.Select(static output => new TensorInfo(output.Name, output.Value.ElementType, output.Value.Shape))];

    private static ModelKind KindOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".XML" => ModelKind.Ir,
        ".ONNX" => ModelKind.Onnx,
        _ => throw new ModelException($"{path}: a model file ends in .xml or .onnx."),
    };

    /// <summary>Makes of whatever is wrong with a file an exception that names it.</summary>
    private static T Explain<T>(string path, Func<T> read)
    {
        try
        {
            return read();
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
        catch (Exception e) when (e is not ModelException)
        {
            // What passes and writers do not foresee of a damaged file stops its stream, not the service.
            throw new ModelException($"{path}: cannot be translated: {e.Message}", e);
        }
    }

    private enum ModelKind
    {
        Ir,
        Onnx,
    }
}
