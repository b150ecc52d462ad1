using System.Globalization;

namespace EdgeInference.Inference.Recovery;

/// <summary>Why an engine has to be rebuilt.</summary>
/// <param name="Reason">For people, without a full stop.</param>
/// <param name="Exception">What the engine threw; null where it gave no answer.</param>
internal sealed record EngineFault(string Reason, InferenceException? Exception)
{
    /// <summary>A fault if the engine is to blame. Any other exception is a defect that another engine would not cure.</summary>
    public static EngineFault? Of(Exception exception) => exception switch
    {
        InferenceException failure => new EngineFault(failure.Message.TrimEnd('.'), failure),
        OutOfMemoryException => Of(new InferenceException($"the engine has no memory: {exception.Message}", exception)),
        _ => null,
    };

    public static EngineFault Timeout(TimeSpan timeout) => new(
        string.Create(CultureInfo.InvariantCulture, $"a request has not returned within {timeout.TotalSeconds:0.#} s"), Exception: null);
}
