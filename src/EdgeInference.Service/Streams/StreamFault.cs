using EdgeInference.Capture;
using EdgeInference.Functions;
using EdgeInference.Inference;

namespace EdgeInference.Service.Streams;

/// <summary>A stream cannot start as it is configured. The message says what and why.</summary>
internal sealed class StreamStartException(string message) : Exception(message);

internal static class StreamFault
{
    /// <summary>Whether an exception is a fault of what the stream was given, whose message is for its owner; else it is a defect.</summary>
    public static bool Is(Exception exception) => exception
        is StreamStartException or ModelException or LabelMapException or CaptureException or InferenceException or DllNotFoundException;
}
