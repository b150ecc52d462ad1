namespace EdgeInference.Publishing.Greengrass.EventStream;

/// <summary>Reads one message after another, in whatever pieces they come. It takes no byte beyond the message. Not thread-safe.</summary>
internal sealed class EventStreamReader(Stream stream)
{
    private readonly byte[] _prelude = new byte[EventStreamFormat.PreludeBytes];

    /// <summary>The next message; null when the stream has ended behind the one before.</summary>
    /// <exception cref="EventStreamException">It is damaged, or ends in its middle. The stream is of no more use then.</exception>
    public async ValueTask<EventStreamMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        int read = await stream.ReadAtLeastAsync(_prelude, _prelude.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
            return null;
        if (read < _prelude.Length)
            throw EndsInTheMiddle();
        EventStreamPrelude prelude = EventStreamDecoder.ReadPrelude(_prelude);
        byte[] message = new byte[prelude.TotalBytes];
        _prelude.CopyTo(message, 0);
        Memory<byte> rest = message.AsMemory(_prelude.Length);
        if (await stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) < rest.Length)
            throw EndsInTheMiddle();
        return EventStreamDecoder.Decode(message);
    }

    private static EventStreamException EndsInTheMiddle() => new("the stream ends in the middle of a message") { IsCutOff = true };
}
