using EdgeInference.Publishing;

namespace EdgeInference.Commands;

/// <summary>A connection over which commands come in on one topic and answers go out on another. It is kept and made anew for ever.</summary>
public interface ICommandTransport
{
    /// <summary>Bytes of a command at most. Of a larger payload a transport needs to give one byte more only, which tells it.</summary>
    const int MaxCommandBytes = 4096;

    /// <summary>For people: MQTT, Greengrass.</summary>
    string Name { get; }

    /// <summary>Commands that were dropped so far, because they arrived faster than they were taken.</summary>
    long Dropped { get; }

    /// <summary>
    /// Subscribes to a topic, without wildcards, and gives the payloads that arrive there; after each loss of the connection it
    /// subscribes again. Of those that nobody has taken yet the newest are kept, a bounded number. Only the token ends it.
    /// </summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Sends an answer, once; it returns when that has arrived.</summary>
    /// <exception cref="PublishException">It has not.</exception>
    ValueTask ReplyAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);
}
