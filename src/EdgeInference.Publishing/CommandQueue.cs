using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EdgeInference.Commands;

namespace EdgeInference.Publishing;

/// <summary>Commands that have arrived and that nobody has taken yet: the newest of them, and so much of each as tells that it is too long.</summary>
internal sealed class CommandQueue
{
    /// <summary>Whoever receives has a queue of its own: this one is for what comes in one go before anybody does.</summary>
    public const int Capacity = 32;

    private readonly Channel<(string Topic, byte[] Payload)> _arrived;
    private long _dropped;

    public CommandQueue() => _arrived = Channel.CreateBounded<(string, byte[])>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = false, FullMode = BoundedChannelFullMode.DropOldest },
        _ => Interlocked.Increment(ref _dropped));

    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Never waits. The payload is copied.</summary>
    public void Add(string topic, in ReadOnlySequence<byte> payload)
    {
        long bytes = Math.Min(payload.Length, ICommandTransport.MaxCommandBytes + 1);
        _arrived.Writer.TryWrite((topic, payload.Slice(0, bytes).ToArray()));
    }

    /// <summary>
    /// Takes those of one topic, and has it subscribed to meanwhile. Others are left out: an earlier run may have subscribed to them in the
    /// same session.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keepSubscribed">Subscribes, and again whenever that is lost, until the token ends it or the service stops. What else it throws ends the receiving.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(
        string topic, Func<string, CancellationToken, Task> keepSubscribed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task subscribing = SubscribeAsync();
        try
        {
            await foreach ((string arrivedOn, byte[] payload) in _arrived.Reader.ReadAllAsync(end.Token))
            {
                if (arrivedOn == topic)
                    yield return payload;
            }
        }
        finally
        {
            await end.CancelAsync();
            await subscribing;
        }

        async Task SubscribeAsync()
        {
            try
            {
                await keepSubscribed(topic, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // Nobody receives any more.
            }
            catch (PublishException)
            {
                // The service is stopping, and so will be whoever receives.
            }
            catch
            {
                // Nothing would come any more, and nobody would hear why.
                await end.CancelAsync();
                throw;
            }
        }
    }
}
