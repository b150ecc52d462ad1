using EdgeInference.Functions.Detection;
using EdgeInference.Inference;

namespace EdgeInference.Functions;

/// <summary>What a stream does with its model.</summary>
public enum FunctionKind
{
    /// <summary>Detection where the model's outputs have a form that <see cref="DetectionFunction"/> knows, else classification.</summary>
    Auto,

    Classification,

    Detection,
}

public static class FunctionKindExtensions
{
    /// <summary>The function a model is to be used with: never <see cref="FunctionKind.Auto"/>.</summary>
    public static FunctionKind For(this FunctionKind configured, InferenceModel model) => configured switch
    {
        FunctionKind.Auto => DetectionFunction.Supports(model) ? FunctionKind.Detection : FunctionKind.Classification,
        _ => configured,
    };
}
