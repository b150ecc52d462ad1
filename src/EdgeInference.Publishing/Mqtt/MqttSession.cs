using System.Diagnostics.CodeAnalysis;
using System.Net;
using EdgeInference.Publishing.Connections;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeInference.Publishing.Mqtt;

/// <summary>
/// One connection to the broker, from its start to its end; it is never used again after that. So whoever publishes over
/// it cannot go on over the next one by mistake, and overtake what has to be sent again first.
/// </summary>
internal sealed class MqttSession : IKeptSession<MqttTrouble>
{
    /// <summary>Unconfirmed publications at most; also what AWS IoT takes.</summary>
    private const int MaxUnconfirmed = 100;

    /// <summary>Of a packet for us: a broker must not make a small box take in more. Commands are far smaller.</summary>
    private const uint MaxReceivedBytes = 128 * 1024;

    /// <summary>How long the broker may confirm nothing while something is to be confirmed.</summary>
    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(20);

    private readonly IMqttClient _client;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _unconfirmed;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<MqttTrouble> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;
    private long _lastConfirmed;
    private long _lastConfirmation;
    private long _lastWritten;
    private long _lastWrite;
    private int _publishing;
    private volatile bool _hasSentUnconfirmed;

    private MqttSession(IMqttClient client, MqttClientConnectResult broker, MqttProtocol protocol, string security, TimeProvider time)
    {
        _client = client;
        _time = time;
        _lastConfirmation = time.GetTimestamp();
        IsVersion5 = protocol == MqttProtocol.V5;
        Description = $"MQTT {(IsVersion5 ? "5" : "3.1.1")}, {security}";
        int window = Math.Clamp((int?)broker.ReceiveMaximum is > 0 and { } most ? most : MaxUnconfirmed, 1, MaxUnconfirmed);
        _unconfirmed = new SemaphoreSlim(window, window);
        if (!IsVersion5)
            return;
        MaxPacketBytes = broker.MaximumPacketSize is > 0 and { } size ? size : null;
        MaxQos = (int)broker.MaximumQoS;
        CanRetain = broker.RetainAvailable;
    }

    public bool IsVersion5 { get; }

    /// <summary>Version and protection, for people.</summary>
    public string Description { get; }

    /// <summary>The largest packet that the broker takes; null where it has not said.</summary>
    public uint? MaxPacketBytes { get; }

    public int MaxQos { get; } = 1;

    public bool CanRetain { get; } = true;

    /// <summary>Completes when the connection has ended, with the reason.</summary>
    public Task<MqttTrouble> Ended => _ended.Task;

    /// <summary>Connects. It does not look at the time: the token has to end it.</summary>
    /// <exception cref="MqttConnectException">The broker refuses, or does not answer as it should.</exception>
    public static async Task<MqttSession> ConnectAsync(
        MqttOptions options, MqttEndpoint endpoint, Action<MqttApplicationMessage>? received, TimeProvider time, CancellationToken cancellationToken)
    {
        Stream? stream = null;
        IMqttClient? client = null;
        try
        {
            string? password = MqttFiles.ReadPassword(options);
            stream = await MqttTransport.ConnectAsync(options, endpoint, cancellationToken);
            string security = MqttTransport.Describe(stream);
            client = new MqttClientFactory().CreateMqttClient();
            if (received is not null)
                Hand(client, received);
            MqttClientConnectResult result = await SendConnectAsync(client, ClientOptions(options, endpoint, password, stream), endpoint, cancellationToken);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
                throw new MqttConnectException(MqttTrouble.OfRefusal(result.ResultCode, result.ReasonString));
            var session = new MqttSession(client, result, options.Protocol, security, time);
            client.DisconnectedAsync += session.OnDisconnectedAsync;

            // It may have ended before the line above.
            if (!client.IsConnected)
                session.End(MqttTrouble.Closed);
            return session;
        }
        catch
        {
            client?.Dispose();
            if (stream is not null)
                await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until there is room for one more unconfirmed publication, which <see cref="PublishAsync"/> then takes.</summary>
    /// <returns>False when the session has ended.</returns>
    public async ValueTask<bool> ReserveAsync(CancellationToken cancellationToken)
    {
        if (_lifetime.IsCancellationRequested)
            return false;
        if (await _unconfirmed.WaitAsync(TimeSpan.Zero, CancellationToken.None))
            return true;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_lifetime.Token, cancellationToken);
        try
        {
            await _unconfirmed.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Sends a message for which room is reserved. Messages go out in the order of the calls: MQTTnet runs up to its
    /// queue of writers, which is first in first out, before its method returns. So one publisher's calls must not be
    /// concurrent; those of several may be.
    /// </summary>
    /// <returns>Null when it has arrived, else why not. The task does not fail, and ends without anybody waiting for it.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "MQTTnet fails in many ways when a connection ends; they all mean that.")]
    public async Task<PublishException?> PublishAsync(MqttApplicationMessage message)
    {
        Interlocked.Increment(ref _publishing);
        try
        {
            long number = Interlocked.Increment(ref _lastNumber);
            long started = _time.GetTimestamp();

            // Not the caller's token: a publication that is given up in the middle of a write would leave half a packet.
            Task<MqttClientPublishResult> sending = _client.PublishAsync(message, _lifetime.Token);
            MqttClientPublishResult result = await ConfirmedAsync(sending, number, started);
            if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            {
                // It was written, which the broker has not confirmed.
                _hasSentUnconfirmed = true;
                Volatile.Write(ref _lastWrite, _time.GetTimestamp());
                InterlockedMax(ref _lastWritten, number);
                return null;
            }

            Volatile.Write(ref _lastConfirmation, _time.GetTimestamp());
            InterlockedMax(ref _lastConfirmed, number);
            return MqttRefusal.Of(result, message.Topic);
        }
        catch (Exception exception)
        {
            // What follows must not be sent after what has failed.
            End(MqttTrouble.Of(exception));
            return MqttRefusal.OfEnd(await Ended, message.Topic);
        }
        finally
        {
            Interlocked.Decrement(ref _publishing);
            _unconfirmed.Release();
        }
    }

    /// <summary>Subscribes to a topic with QoS 1, once more where the session has that subscription already.</summary>
    /// <returns>Null when the broker has accepted it, else why not. The task does not fail, and ends without anybody waiting for it.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "MQTTnet fails in many ways when a connection ends; they all mean that.")]
    public async Task<string?> SubscribeAsync(string topic)
    {
        MqttClientSubscribeOptions options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(topic, MqttQualityOfServiceLevel.AtLeastOnce).Build();
        Task<MqttClientSubscribeResult>? subscribing = null;
        try
        {
            subscribing = _client.SubscribeAsync(options, _lifetime.Token);
            return MqttRefusal.Of(await subscribing.WaitAsync(ConfirmationTimeout, _time), topic);
        }
        catch (TimeoutException) when (!_lifetime.IsCancellationRequested)
        {
            // To give it up could leave half a packet: it ends with the session, and with nothing that anybody is owed.
            _ = subscribing?.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return $"the broker has not answered within {ConfirmationTimeout.TotalSeconds:0} s";
        }
        catch (Exception exception)
        {
            End(MqttTrouble.Of(exception));
            return MqttRefusal.OfEnd(await Ended, topic).Message;
        }
    }

    /// <summary>Ends the session: nothing more is sent. The first reason counts.</summary>
    public void End(MqttTrouble trouble)
    {
        _ended.TrySetResult(trouble with { Unconfirmed = Volatile.Read(ref _publishing) + (_hasSentUnconfirmed ? 1 : 0) });
        _lifetime.Cancel();
    }

    /// <summary>Says goodbye to the broker, which then does not send the last will.</summary>
    public Task DisconnectAsync(CancellationToken cancellationToken) => _client.DisconnectAsync(
        new MqttClientDisconnectOptions { Reason = MqttClientDisconnectOptionsReason.NormalDisconnection }, cancellationToken);

    public ValueTask DisposeAsync()
    {
        // Neither the semaphore nor the token source holds anything of the system, and publishers may still look at them.
        End(new MqttTrouble(MqttTroubleKind.Away, "the service is stopping"));
        _client.DisconnectedAsync -= OnDisconnectedAsync;
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Before it connects: what the broker has kept for this client comes right behind its answer.</summary>
    private static void Hand(IMqttClient client, Action<MqttApplicationMessage> received) => client.ApplicationMessageReceivedAsync += args =>
    {
        received(args.ApplicationMessage);
        return Task.CompletedTask;
    };

    private static async Task<MqttClientConnectResult> SendConnectAsync(
        IMqttClient client, MqttClientOptions options, MqttEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ConnectAsync(options, cancellationToken);
        }
        catch (MqttCommunicationException exception) when (!cancellationToken.IsCancellationRequested)
        {
            MqttTrouble trouble = MqttTrouble.Of(exception);
            if (trouble.Reason == MqttTrouble.Closed.Reason)
                trouble = trouble with { Reason = $"it closed the connection without an answer{(endpoint.Tls ? "" : "; does it want TLS on this port?")}" };
            throw new MqttConnectException(trouble);
        }
    }

    private async Task<MqttClientPublishResult> ConfirmedAsync(Task<MqttClientPublishResult> sending, long number, long started)
    {
        bool isWritten = false;
        while (true)
        {
            // On a slow line it waits behind publications of QoS 0, which nobody confirms: the time runs from the last of
            // them that was written before this one, or right after it.
            if (!isWritten)
            {
                started = Math.Max(started, Volatile.Read(ref _lastWrite));
                isWritten = Volatile.Read(ref _lastWritten) > number;
            }

            // On a slow line a hundred reports take long; the broker is gone when none of them is confirmed any more. But
            // it confirms in order: when a later one is confirmed already, this one was passed over.
            bool isPassedOver = Volatile.Read(ref _lastConfirmed) > number;
            long since = isPassedOver ? started : Math.Max(started, Volatile.Read(ref _lastConfirmation));
            TimeSpan left = ConfirmationTimeout - _time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                End(new MqttTrouble(MqttTroubleKind.Away, $"it has not confirmed {(isPassedOver ? "a" : "any")} report for {ConfirmationTimeout.TotalSeconds:0} s"));
                return await sending;
            }

            try
            {
                return await sending.WaitAsync(left, _time);
            }
            catch (TimeoutException) when (!sending.IsCompleted)
            {
                // The loop looks whether others were confirmed meanwhile.
            }
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen = Volatile.Read(ref target);
        while (value > seen)
        {
            long now = Interlocked.CompareExchange(ref target, value, seen);
            if (now == seen)
                return;
            seen = now;
        }
    }

    private Task OnDisconnectedAsync(MqttClientDisconnectedEventArgs args)
    {
        // A broker that closes without a reason looks like a normal end that we asked for.
        MqttTrouble trouble = args.Reason != MqttClientDisconnectReason.NormalDisconnection
            ? MqttTrouble.OfDisconnect((MqttDisconnectReasonCode)(int)args.Reason, args.ReasonString)
            : MqttTrouble.Of(args.Exception ?? new IOException());
        End(trouble);
        return Task.CompletedTask;
    }

    private static MqttClientOptions ClientOptions(MqttOptions options, MqttEndpoint endpoint, string? password, Stream stream)
    {
        bool isVersion5 = options.Protocol == MqttProtocol.V5;
        var client = new MqttClientOptions
        {
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(endpoint.Host.Trim('[', ']'), endpoint.Port),
                StreamProvider = new ReadyStream(stream),
                TlsOptions = new MqttClientTlsOptions { UseTls = false },
            },
            ProtocolVersion = isVersion5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            ClientId = endpoint.ClientId,
            CleanSession = options.SessionExpiry == TimeSpan.Zero,
            SessionExpiryInterval = isVersion5 ? (uint)options.SessionExpiry.TotalSeconds : 0,
            MaximumPacketSize = isVersion5 ? MaxReceivedBytes : 0,
            KeepAlivePeriod = options.KeepAlive,

            // One write and one TLS record for each packet; AWS IoT takes nothing else.
            AllowPacketFragmentation = false,
        };
        if (options.Username is not null)
            client.Credentials = new MqttClientCredentials(options.Username, password is null ? null : System.Text.Encoding.UTF8.GetBytes(password));
        if (options.StatusTopic is not null)
        {
            client.WillTopic = options.StatusTopic;
            client.WillPayload = MqttStatus.Offline;
            client.WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce;
            client.WillRetain = true;
        }

        return client;
    }
}
