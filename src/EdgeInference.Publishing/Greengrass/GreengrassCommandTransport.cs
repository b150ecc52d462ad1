using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EdgeInference.Commands;
using EdgeInference.Publishing.Greengrass.EventStream;
using EdgeInference.Retrying;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>Commands that come through the nucleus, from AWS IoT Core.</summary>
internal sealed partial class GreengrassCommandTransport(GreengrassConnection connection, TimeProvider time, ILogger<GreengrassCommandTransport> logger) : ICommandTransport
{
    // Commands are given by people, and by schedules: more at once are a mistake.
    private const int MostWaiting = 64;

    private readonly ILogger _logger = logger;

    public string Name => "Greengrass";

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAsync(string topic, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var backoff = new RetryBackoff();
        var news = new OutageNews(time);
        while (true)
        {
            IpcSession session = await connection.GetSessionAsync(cancellationToken);
            Channel<ReadOnlyMemory<byte>> messages = Channel.CreateBounded<ReadOnlyMemory<byte>>(
                new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true, SingleWriter = true });
            Task doubted = session.Doubted;
            IpcSubscription? subscription = await TrySubscribeAsync(session, topic, messages.Writer, news, cancellationToken);
            if (subscription is not null)
            {
                backoff.Reset();
                Task completing = CompleteAsync(subscription, doubted, messages.Writer);
                try
                {
                    await foreach (ReadOnlyMemory<byte> message in messages.Reader.ReadAllAsync(cancellationToken))
                        yield return message;
                }
                finally
                {
                    await subscription.DisposeAsync();
                    await completing;
                }
            }

            // Where the whole connection has ended, its own pause counts.
            if (!session.Lifetime.IsCancellationRequested)
                await Task.Delay(backoff.NextDelay(), time, cancellationToken);
        }
    }

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

    private static async Task CompleteAsync(IpcSubscription subscription, Task doubted, ChannelWriter<ReadOnlyMemory<byte>> messages)
    {
        await Task.WhenAny(subscription.Ended, doubted);
        messages.TryComplete();
    }

    private async Task<IpcSubscription?> TrySubscribeAsync(
        IpcSession session, string topic, ChannelWriter<ReadOnlyMemory<byte>> messages, OutageNews news, CancellationToken cancellationToken)
    {
        try
        {
            IpcSubscription subscription = await session.SubscribeAsync(IpcRequest.Subscribe(topic), OnMessage, cancellationToken);
            OutageNewsKind kind = news.Work().Kind;
            if (kind is OutageNewsKind.WorksAgain)
                LogSubscribedAgain(topic);
            return subscription;
        }
        catch (IpcException exception)
        {
            OutageNewsKind kind = news.Fail(exception.IsUnauthorized ? 1 : 0).Kind;
            if (exception.IsUnauthorized && kind != OutageNewsKind.None)
                LogMayNotSubscribe(topic);
            else if (exception.Failure != IpcFailure.Ended && kind != OutageNewsKind.None)
                LogNotSubscribed(topic, exception.Message);
            return null;
        }

        void OnMessage(EventStreamMessage message)
        {
            if (IpcAnswer.PayloadOf(message) is { } payload)
                messages.TryWrite(payload);
        }
    }

    [LoggerMessage(EventId = 3240, Level = LogLevel.Error, Message = "Greengrass: the nucleus does not allow this component to receive commands from '{Topic}': in the recipe, accessControl (aws.greengrass.ipc.mqttproxy) must allow aws.greengrass#SubscribeToIoTCore on it (tried again and again)")]
    private partial void LogMayNotSubscribe(string topic);

    [LoggerMessage(EventId = 3241, Level = LogLevel.Warning, Message = "Greengrass: no commands can be received from '{Topic}' now: {Reason} (said once until it works again)")]
    private partial void LogNotSubscribed(string topic, string reason);

    [LoggerMessage(EventId = 3242, Level = LogLevel.Information, Message = "Greengrass: commands are received from '{Topic}' again")]
    private partial void LogSubscribedAgain(string topic);
}
