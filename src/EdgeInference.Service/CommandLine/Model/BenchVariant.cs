using EdgeInference.Inference;
using EdgeInference.Models;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary>A form of a model that is measured.</summary>
/// <param name="Kernels">"float" or "integer".</param>
/// <param name="Model">The model.</param>
internal sealed record BenchVariant(string Kernels, InferenceModel Model)
{
    /// <summary>The model in float and, where it has quantised layers, in whole numbers too.</summary>
    /// <exception cref="ModelException">The model cannot be read, or leaves sizes of its inputs open.</exception>
    public static IReadOnlyList<BenchVariant> Read(string path, ModelFileOptions options)
    {
        InferenceModel plain = ModelFile.Read(path, options with { IntegerKernels = IntegerKernels.Never });
        if (plain.Inputs.FirstOrDefault(static input => !input.IsStatic) is { } open)
            throw new ModelException($"{path}: the input {open} has open sizes: --shape {open.Name}=... gives them (Model:InputShape in the configuration).");
        InferenceModel quantized = ModelFile.Read(path, options with { IntegerKernels = IntegerKernels.Always });
        return quantized.Onnx.Span.SequenceEqual(plain.Onnx.Span)
            ? [new BenchVariant("float", plain)]
            : [new BenchVariant("integer", quantized), new BenchVariant("float", plain)];
    }
}
