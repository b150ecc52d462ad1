using System.Diagnostics;
using EdgeInference.Inference;
using EdgeInference.Models.Onnx;
using Google.Protobuf;

namespace EdgeInference.Models.Inspection;

/// <summary>Looks into model files: what is in them, whether they can be run here, and what that takes.</summary>
public sealed class ModelInspector(IInferenceEngineFactory engines)
{
    /// <exception cref="ModelException">The file is missing or damaged; a model that is only not supported is inspected.</exception>
    /// <exception cref="InferenceException">The engine itself cannot be loaded.</exception>
    public ModelInspection Inspect(string path, ModelFileOptions options)
    {
        ModelInspection file = ModelFile.Describe(path, options);
        try
        {
            long started = Stopwatch.GetTimestamp();
            InferenceModel model = ModelFile.Read(path, options);
            TimeSpan readTime = Stopwatch.GetElapsedTime(started);
            started = Stopwatch.GetTimestamp();
            engines.Load(model, new EngineOptions()).Dispose();
            return file with
            {
                Inputs = model.Inputs,
                Outputs = model.Outputs,
                DetectionOutputs = model.DetectionOutputs,
                ReadTime = readTime,
                LoadTime = Stopwatch.GetElapsedTime(started),
                RunWeightBytes = WeightBytes(Parse(model.Onnx)),
                Kernels = KernelCensus.Read(Optimize(model)),
                Cost = ModelFile.CostOf(path, options) ?? GraphCost.Of(OnnxGraphReader.Read(Parse(Optimize(Unoptimized(model))))),
            };
        }
        catch (ModelException exception)
        {
            string message = exception.Message.StartsWith(path + ": ", StringComparison.Ordinal) ? exception.Message[(path.Length + 2)..] : exception.Message;
            return file with { Refusal = message };
        }
    }

    /// <summary>Bytes of the initializers as run, whichever way the file stores them.</summary>
    internal static long WeightBytes(ModelProto model) => model.Graph.Initializer.Sum(static tensor =>
        NodeCost.Count(tensor.Dims) * (OnnxTypes.FromOnnx(tensor.DataType)?.Size() ?? 1));

    private static ModelProto Parse(ReadOnlyMemory<byte> onnx) => ModelProto.Parser.ParseFrom(UnsafeByteOperations.UnsafeWrap(onnx));

    /// <summary>The same model, to be taken as it is: what the engine then writes differs only in that it names every shape.</summary>
    private static InferenceModel Unoptimized(InferenceModel model) => new()
    {
        Name = model.Name,
        Path = model.Path,
        Format = model.Format,
        Onnx = model.Onnx,
        IsOptimized = true,
        Inputs = model.Inputs,
        Outputs = model.Outputs,
    };

    private byte[] Optimize(InferenceModel model)
    {
        string file = Path.GetTempFileName();
        try
        {
            engines.Load(model, new EngineOptions { OptimizedModelPath = file }).Dispose();
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
