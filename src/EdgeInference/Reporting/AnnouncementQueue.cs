using System.Threading.Channels;

namespace EdgeInference.Reporting;

/// <summary>Messages about a stream on their way to its publishers, so that whoever has something to say never waits for them.</summary>
internal sealed class AnnouncementQueue
{
    // More than an outage has to say. Where publishers stand still for longer than several, the oldest are out of date.
    private const int Capacity = 8;

    private readonly Channel<string> _messages = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.DropOldest,
    });

    /// <summary>Queues a message; nothing is done after <see cref="Complete"/>.</summary>
    public void Post(string message) => _messages.Writer.TryWrite(message);

    public void Complete() => _messages.Writer.TryComplete();

    /// <summary>Publishes until the queue is completed and empty, or the token ends it, which is no error.</summary>
    public async Task RunAsync(Func<string, CancellationToken, ValueTask> publish, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (string message in _messages.Reader.ReadAllAsync(cancellationToken))
                await publish(message, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The deadline has passed: what else was to be published is lost as well, and that is said.
        }
    }
}
