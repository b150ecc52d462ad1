using System.Collections.Concurrent;

namespace EdgeInference.TestServers;

/// <summary>What a client can ask for: to publish and to subscribe.</summary>
internal sealed class NucleusOperations(NucleusServer server, NucleusClient client, NucleusStreams streams, NucleusReplies replies)
{
    private const string Publishing = NucleusAnswers.Model + "PublishToIoTCore";
    private const string Subscribing = NucleusAnswers.Model + "SubscribeToIoTCore";

    private readonly ConcurrentDictionary<int, NucleusSubscription> _subscriptions = new();

    private bool IsClassic => server.Settings.Kind == NucleusKind.Classic;

    /// <summary>Writes down what the client did wrong.</summary>
    public void Note(int stream, string reason) => server.Journal.Add(new NucleusViolation(client.Number, stream, reason));

    public Task RunAsync(string operation, int stream, byte[] body) => operation switch
    {
        Publishing => PublishAsync(stream, body),
        Subscribing => SubscribeAsync(stream, body),
        _ => replies.FailAsync(stream, "ServiceError", ""),
    };

    /// <summary>Sends a message to each subscription that it matches.</summary>
    /// <returns>To how many.</returns>
    public async Task<int> DeliverAsync(string topic, byte[] payload)
    {
        int count = 0;
        foreach ((int stream, NucleusSubscription subscription) in _subscriptions)
        {
            if (subscription.IsLost || !NucleusTopics.Matches(subscription.Filter, topic) || subscription.Lag-- > 0)
                continue;
            if (NucleusCloud.PacketLength(topic, payload) > server.Settings.LongestIncoming)
                Note(stream, "subscription to messages that are longer than the nucleus can receive");
            else if (await replies.SendEventAsync(stream, topic, payload))
                count++;
        }

        return count;
    }

    public async Task EndSubscriptionsAsync()
    {
        foreach (int stream in _subscriptions.Keys)
        {
            Unsubscribe(stream);
            await replies.EndAsync(stream);
        }
    }

    /// <summary>The nucleus loses all subscriptions, as when its MQTT client restarts and cannot make them anew.</summary>
    public void LoseSubscriptions()
    {
        foreach (NucleusSubscription subscription in _subscriptions.Values)
            server.Journal.Change(() => subscription.IsLost = true);
    }

    public void Unsubscribe(int stream)
    {
        if (_subscriptions.TryRemove(stream, out NucleusSubscription? subscription))
            server.Journal.Change(() => subscription.IsEnded = true);
    }

    private async Task PublishAsync(int stream, byte[] body)
    {
        if (await FailsAsync(NucleusMoment.Publish, stream) || await ReadAsync(stream, body, NucleusRequest.Publish) is not { } request)
            return;
        var publish = new NucleusPublish(client.Number, stream, request.Topic, request.Qos, request.Payload);
        server.Journal.Add(publish);
        bool isAllowed = IsAllowed(server.Publishable, request.Topic);
        if ((isAllowed ? server.Cloud.Take(publish) : Denied) is { } error)
        {
            string code = isAllowed ? "ServiceError" : "UnauthorizedError";
            server.Journal.Settle(publish, NucleusOutcome.Refused, $"{code}: {error}");
            await replies.FailAsync(stream, code, error);
            return;
        }

        bool isEchoed = server.Cloud.Echoes && publish.Outcome == NucleusOutcome.Delivered;
        if (isEchoed && server.Cloud.EchoesFirst)
            await server.DeliverAsync(request.Topic, request.Payload);
        await replies.AnswerAsync(NucleusMoment.PublishAnswer, NucleusAnswers.Response(stream, Publishing, endsStream: IsClassic), () =>
        {
            if (IsClassic)
                streams.End(stream);
            else
                streams.Answer(stream);
        });
        if (isEchoed && !server.Cloud.EchoesFirst)
            await server.DeliverAsync(request.Topic, request.Payload);
    }

    private async Task SubscribeAsync(int stream, byte[] body)
    {
        if (await FailsAsync(NucleusMoment.Subscribe, stream) || await ReadAsync(stream, body, NucleusRequest.Subscribe) is not { } request)
            return;
        if (!IsAllowed(server.Subscribable, request.Topic))
        {
            await replies.FailAsync(stream, "UnauthorizedError", Denied);
            return;
        }

        await replies.AnswerAsync(
            NucleusMoment.SubscribeAnswer,
            NucleusAnswers.Response(stream, Subscribing, endsStream: false),
            () => streams.Subscribe(stream),
            () =>
            {
                // Not earlier: nothing comes before the answer.
                var subscription = new NucleusSubscription(client.Number, stream, request.Topic, request.Qos) { Lag = server.Cloud.SubscriptionLag };
                _subscriptions[stream] = subscription;
                server.Journal.Add(subscription);
            });
    }

    private static bool IsAllowed(IEnumerable<string> resources, string topic) => resources.Any(resource => NucleusTopics.Covers(resource, topic));

    private string Denied => IsClassic ? "Not Authorized" : "IPC Operation not authorized.";

    private async Task<NucleusRequest?> ReadAsync(int stream, byte[] body, Func<byte[], NucleusRequest> read)
    {
        try
        {
            return read(body);
        }
        catch (NucleusProtocolException exception)
        {
            Note(stream, exception.Message);
            await replies.FailAsync(stream, IsClassic ? "InvalidArgumentsError" : "ServiceError", "Received invalid parameters.");
            return null;
        }
    }

    /// <summary>Whether a fault takes the place of an operation.</summary>
    private async Task<bool> FailsAsync(NucleusMoment moment, int stream)
    {
        switch (server.Faults.Of(moment))
        {
            case null:
                return false;
            case NucleusFault.Silence:
                return true;
            case NucleusFault.ServiceAnswer error:
                await replies.FailAsync(stream, error.Code, error.Message);
                return true;
            default:
                throw new NucleusClosedException("fault");
        }
    }
}
