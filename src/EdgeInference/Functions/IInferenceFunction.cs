using EdgeInference.Inference;

namespace EdgeInference.Functions;

/// <summary>Turns the output tensors of a model into a typed result; knows nothing of transport.</summary>
public interface IInferenceFunction
{
    /// <summary>The name in the configuration and in topics: <c>classification</c> or <c>detection</c>.</summary>
    string Name { get; }

    /// <summary>A result to be filled again and again: nothing is allocated per frame.</summary>
    InferenceResult CreateResult();

    /// <summary>
    /// Replaces the content of <paramref name="result"/> by what the model's outputs say. Thread-safe: several requests
    /// may be evaluated at once, each into a result of its own.
    /// </summary>
    void Evaluate(IReadOnlyList<Tensor> outputs, InferenceResult result);

    /// <summary>Why a stream's reports could not go on with this function in place of another; null where they can.</summary>
    string? DifferenceFrom(IInferenceFunction other) => Name == other.Name ? null : $"it is for {Name}, and the stream is for {other.Name}";
}

/// <summary>What a function found in one frame. Reused: whoever keeps it longer than a call must own it.</summary>
public abstract class InferenceResult
{
    /// <summary>True when the frame holds nothing of interest: no object above the threshold, no candidate.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>Whether every score is one of 0 to 1.</summary>
    public virtual bool HasProbabilities => true;

    /// <summary>Whether a report "on change" is due: other classes or another number of objects, not other scores.</summary>
    public abstract bool SameContentAs(InferenceResult other);

    /// <summary>The result in a few words, for the log.</summary>
    public abstract string Describe();
}
