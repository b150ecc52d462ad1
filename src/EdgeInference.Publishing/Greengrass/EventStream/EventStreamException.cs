namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>What came, or is to be sent, is no message of the event-stream format. The message says why, and quotes none of it.</summary>
internal sealed class EventStreamException(string message) : Exception(message)
{
    /// <summary>Whether the message was right as far as it came.</summary>
    public bool IsCutOff { get; init; }
}
