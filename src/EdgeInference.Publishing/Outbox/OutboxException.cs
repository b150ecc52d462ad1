namespace EdgeInference.Publishing.Outbox;

/// <summary>The outbox cannot be opened, or did not take something. The message names its file, the reason, and what helps.</summary>
public sealed class OutboxException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether it may work later without anybody changing the configuration: the disk is full, another process is still there.</summary>
    public bool IsTemporary { get; init; }
}
