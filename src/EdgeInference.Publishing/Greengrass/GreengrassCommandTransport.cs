using System.Buffers;
using EdgeInference.Commands;
using EdgeInference.Publishing.Connections;
using EdgeInference.Publishing.Greengrass.EventStream;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// Commands that come through the nucleus, from AWS IoT Core. A nucleus may lose a subscription without a word, so it is made anew when
/// something else that ought to have come over the connection has not, and now and then where nothing else comes; seldom, because
/// nucleus lite can hang over the end of a subscription while messages come.
/// </summary>
internal sealed partial class GreengrassCommandTransport(GreengrassConnection connection, TimeProvider time, ILogger<GreengrassCommandTransport> logger) : ICommandTransport
{
    /// <summary>A subscription is made anew after that at the soonest.</summary>
    internal static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(1);

    /// <summary>And after that where nothing would tell that it is lost.</summary>
    internal static readonly TimeSpan RenewInterval = TimeSpan.FromMinutes(10);

    /// <summary>How long the old one stays beside the new, so that there is no gap between the two.</summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly OutageNews _news = new(time);
    private readonly RetryBackoff _backoff = new();
    private readonly CommandQueue _arrived = new();
    private readonly TwinFilter _twins = new(time);
    private int _subscriptions;

    public string Name => "Greengrass";

    public long Dropped => _arrived.Dropped;

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(string topic, CancellationToken cancellationToken) =>
        _arrived.ReceiveAsync(topic, KeepSubscribedAsync, cancellationToken);

    public async ValueTask ReplyAsync(string topic, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        IpcSession session = await connection.GetSessionAsync(cancellationToken);
        await connection.Pacer.WaitAsync(cancellationToken);
        IpcRequest request = IpcRequest.Publish(topic, payload, qos: 1);
        if (connection.Limits.MostFrameBytes is { } most && request.FrameBytes > most)
            throw new PublishException(PublishFailure.Permanent, $"the answer of {payload.Length} bytes is larger than nucleus lite takes");
        try
        {
            await session.CallAsync(request, cancellationToken);
        }
        catch (IpcException exception) when (exception.Failure == IpcFailure.Error)
        {
            throw GreengrassRefusal.Of(exception, topic);
        }
        catch (IpcException exception)
        {
            throw new PublishException(PublishFailure.Temporary, exception.Message, exception);
        }
    }

    private async Task KeepSubscribedAsync(string topic, CancellationToken cancellationToken)
    {
        IpcSubscription? current = null;
        try
        {
            while (true)
            {
                IpcSession session = await connection.GetLiveSessionAsync(cancellationToken);
                Task doubted = session.Doubted;
                if (current is not { Ended.IsCompleted: false })
                    _twins.Forget();
                bool isToBeRenewed = false;
                if (await TrySubscribeAsync(session, topic, cancellationToken) is { } next)
                {
                    (IpcSubscription? old, current) = (current, next);
                    await EndAsync(old, cancellationToken);
                    isToBeRenewed = await WaitForDoubtAsync(session, current.Ended, doubted, cancellationToken);
                }

                if (!isToBeRenewed && !session.Ended.IsCompleted)
                    await Task.Delay(_backoff.NextDelay(), time, cancellationToken);
            }
        }
        finally
        {
            if (current is not null)
                await current.DisposeAsync();
        }
    }

    /// <summary>Null when the nucleus has not taken the subscription, which is then in the log.</summary>
    private async Task<IpcSubscription?> TrySubscribeAsync(IpcSession session, string topic, CancellationToken cancellationToken)
    {
        int number = ++_subscriptions;
        try
        {
            IpcSubscription subscription = await session.SubscribeAsync(IpcRequest.Subscribe(topic), OnMessage, cancellationToken);
            _backoff.Reset();
            SaySubscribed(topic);
            return subscription;
        }
        catch (IpcException exception)
        {
            SayNotSubscribed(topic, exception);
            return null;
        }

        // A retained message is not meant for now: it would be carried out at each subscription.
        void OnMessage(EventStreamMessage message)
        {
            if (IpcAnswer.PayloadOf(message, out bool isRetained) is { } payload && !isRetained && !_twins.IsTwin(number, payload.Span))
                _arrived.Add(topic, new ReadOnlySequence<byte>(payload));
        }
    }

    /// <summary>Ends a subscription that another has taken over from.</summary>
    private async Task EndAsync(IpcSubscription? old, CancellationToken cancellationToken)
    {
        if (old is not { Ended.IsCompleted: false })
            return;
        try
        {
            await Task.Delay(Overlap, time, cancellationToken);
        }
        finally
        {
            await old.DisposeAsync();
        }
    }

    /// <returns>True when the subscription may be lost, false when it has ended.</returns>
    private async Task<bool> WaitForDoubtAsync(IpcSession session, Task ended, Task doubted, CancellationToken cancellationToken)
    {
        if (await ended.CompletesAsync(LeastAge, time, cancellationToken))
            return false;
        while (!await Task.WhenAny(ended, doubted).CompletesAsync(RenewInterval, time, cancellationToken))
        {
            // What else comes over the connection tells when that is lost.
            if (connection.Limits.LosesSubscriptions && session.Subscriptions == 1)
                break;
        }

        return !ended.IsCompleted;
    }
}
