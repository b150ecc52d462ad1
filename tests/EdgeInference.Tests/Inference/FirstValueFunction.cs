using EdgeInference.Functions;
using EdgeInference.Inference;

namespace EdgeInference.Tests.Inference;

/// <summary>Reads the first value of the first output.</summary>
internal sealed class FirstValueFunction : IInferenceFunction
{
    public string Name => "first value";

    /// <summary>What its results say of their scores.</summary>
    public bool HasProbabilities { get; init; } = true;

    public InferenceResult CreateResult() => new FirstValueResult(HasProbabilities);

    public void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result) =>
        ((FirstValueResult)result).Value = outputs[0].Elements<float>()[0];
}

internal sealed class FirstValueResult(bool hasProbabilities = true) : InferenceResult
{
    public float Value { get; set; }

    public override bool IsEmpty => false;

    public override bool HasProbabilities => hasProbabilities;

    public override bool SameContentAs(InferenceResult other) => other is FirstValueResult that && that.Value.Equals(Value);

    public override string Describe() => "a value";
}
