using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Native.OpenVino;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Integration.Tests.Goldens;

/// <summary>The engines that must match what was recorded: ONNX Runtime, and OpenVINO where this machine has it.</summary>
internal static class GoldenEngines
{
    /// <summary>OpenVINO's library on this machine; null where there is none.</summary>
    public static string? OpenVino { get; } = FindOpenVino();

    /// <summary>Each of the models with each of the engines.</summary>
    public static TheoryData<string, ModelEngine> With(params IEnumerable<string> models)
    {
        var all = new TheoryData<string, ModelEngine>();
        foreach (string model in models)
        {
            all.Add(model, ModelEngine.OnnxRuntime);
            if (OpenVino is not null)
                all.Add(model, ModelEngine.OpenVino);
        }

        return all;
    }

    private static string? FindOpenVino()
    {
        try
        {
            return new OpenVinoEngineFactory(NullLogger<OpenVinoEngineFactory>.Instance).Open().Path;
        }
        catch (InferenceException)
        {
            return null;
        }
    }
}
