using EdgeInference.Functions;
using EdgeInference.Preprocessing;

namespace EdgeInference.Inference;

/// <summary>A model in its engine, and what makes frames its input and results of its output: all that a swap replaces.</summary>
public sealed class StreamModel
{
    public required InferenceModel Model { get; init; }

    /// <summary>The compiled model, which whoever runs this takes over.</summary>
    public required IInferenceEngine Engine { get; init; }

    /// <summary>
    /// Compiles the model again, for when the engine has failed. Called on a thread of its own; throws
    /// <see cref="InferenceException"/> or <see cref="ModelException"/> while that is not possible.
    /// </summary>
    public required Func<IInferenceEngine> RebuildEngine { get; init; }

    /// <summary>Inference requests in flight, at least 1.</summary>
    public required int Requests { get; init; }

    public required Preprocessor Preprocessor { get; init; }

    public required IInferenceFunction Function { get; init; }
}
