using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using EdgeInference.Publishing.Connections;
using EdgeInference.Publishing.Greengrass.EventStream;

namespace EdgeInference.Publishing.Greengrass;

/// <summary>
/// One connection to the nucleus, from its start to its end; it is never used again after that. Any number of operations may be
/// under way at once, each on a stream of its own.
/// </summary>
internal sealed class IpcSession : IKeptSession<IpcTrouble>
{
    /// <summary>Nucleus lite waits for 10 s at most until its MQTT client has written a report to the connection to the cloud.</summary>
    internal static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private readonly Stream _stream;
    private readonly EventStreamReader _reader;
    private readonly IpcWriter _writer;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<IpcTrouble> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, IpcStream> _streams = new();
    private readonly int _lastStreamId;
    private TaskCompletionSource _doubted = NewSignal();
    private Task _reading = Task.CompletedTask;
    private int _streamId;
    private long _expected;

    private IpcSession(Stream stream, NucleusLimits limits, TimeProvider time, int lastStreamId)
    {
        _stream = stream;
        _reader = new EventStreamReader(stream);
        _writer = new IpcWriter(stream, time, End, _ended.Task, _lifetime.Token);
        _time = time;
        _lastStreamId = lastStreamId;
        Window = new FlightWindow(limits.MostReports, limits.MostBytes);
    }

    /// <summary>Holds all publishers together to what the nucleus has room for.</summary>
    public FlightWindow Window { get; }

    /// <summary>Completes when the connection has ended, with the reason.</summary>
    public Task<IpcTrouble> Ended => _ended.Task;

    /// <summary>Ends with the session.</summary>
    public CancellationToken Lifetime => _lifetime.Token;

    /// <summary>Connects and shows the token. It does not look at the time: the token has to end it.</summary>
    /// <exception cref="IpcConnectException">The nucleus does not take the connection. Other exceptions are those of sockets and of the format.</exception>
    public static async Task<IpcSession> ConnectAsync(
        NucleusEnvironment environment, TimeProvider time, CancellationToken cancellationToken, int lastStreamId = int.MaxValue)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(environment.SocketPath), cancellationToken);
            var session = new IpcSession(new NetworkStream(socket, ownsSocket: true), NucleusLimits.Of(environment.Kind), time, lastStreamId);
            await session.SendTokenAsync(environment.Token, cancellationToken);
            session._reading = session.ReadAsync();
            return session;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Completes at the next <see cref="Doubt"/>: subscriptions may have been lost behind the nucleus, of which it says nothing.
    /// </summary>
    public Task Doubted => Volatile.Read(ref _doubted).Task;

    /// <summary>Messages of all publishers that were expected to come back.</summary>
    public long Expected => Interlocked.Read(ref _expected);

    public void CountExpected() => Interlocked.Increment(ref _expected);

    /// <summary>How many there are at this moment.</summary>
    public int Subscriptions => _streams.Values.Count(static stream => stream.IsSubscription);

    /// <summary>Says that something which ought to have come over a subscription has not.</summary>
    public void Doubt() => Interlocked.Exchange(ref _doubted, NewSignal()).TrySetResult();

    /// <summary>Does an operation with one answer.</summary>
    /// <exception cref="IpcException">It has none.</exception>
    public async Task<EventStreamMessage> CallAsync(IpcRequest request, CancellationToken cancellationToken)
    {
        var stream = new IpcStream();
        try
        {
            return await SendAsync(request, stream, cancellationToken);
        }
        finally
        {
            await EndAsync(stream);
        }
    }

    /// <summary>
    /// Does an operation whose stream then brings messages. They are given to <paramref name="onMessage"/> as they come, which holds up
    /// all else that comes: it must not take long, and must not throw.
    /// </summary>
    /// <returns>The stream, which the caller ends.</returns>
    /// <exception cref="IpcException">The nucleus has not taken the subscription.</exception>
    public async Task<IpcSubscription> SubscribeAsync(IpcRequest request, Action<EventStreamMessage> onMessage, CancellationToken cancellationToken)
    {
        var stream = new IpcStream(onMessage);
        try
        {
            await SendAsync(request, stream, cancellationToken);
            return new IpcSubscription(stream.Ended, () => EndAsync(stream));
        }
        catch
        {
            await EndAsync(stream);
            throw;
        }
    }

    /// <summary>Ends the session: nothing more is sent. The first reason counts.</summary>
    public void End(IpcTrouble trouble)
    {
        if (!_ended.TrySetResult(trouble))
            return;
        _lifetime.Cancel();
        foreach (IpcStream stream in _streams.Values)
            stream.Fail(IpcException.OfEnd(trouble));
    }

    public async ValueTask DisposeAsync()
    {
        // The token source holds nothing of the system, and publishers may still look at it.
        End(IpcTrouble.Stopping);
        await _stream.DisposeAsync();
        await _reading;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendTokenAsync(string token, CancellationToken cancellationToken)
    {
        EventStreamMessage? answer;
        try
        {
            await _stream.WriteAsync(EventStreamEncoder.Encode(IpcRequest.Connect(token)), cancellationToken);
            answer = await _reader.ReadAsync(cancellationToken);
        }
        catch (IOException)
        {
            // It does not read what comes before it closes, which then looks like this.
            throw new IpcConnectException(IpcTrouble.ClosedUnanswered);
        }

        if (answer is null)
            throw new IpcConnectException(IpcTrouble.ClosedUnanswered);
        (IpcMessageType type, int flags, _) = IpcHeaders.Read(answer);
        if (type is IpcMessageType.ProtocolError or IpcMessageType.ServerError)
            throw new IpcConnectException(IpcTrouble.OfLastWord(IpcAnswer.ErrorOf(answer).Text));
        if (type != IpcMessageType.ConnectAck)
            throw new EventStreamException($"it answered the token with a message of type {(int)type}");
        if ((flags & IpcHeaders.ConnectionAccepted) == 0)
            throw new IpcConnectException(new IpcTrouble(IpcTroubleKind.Refuses, "it refuses the token (SVCUID)"));
    }

    private async Task<EventStreamMessage> SendAsync(IpcRequest request, IpcStream stream, CancellationToken cancellationToken)
    {
        await OpenAsync(request, stream, cancellationToken);
        try
        {
            return await stream.Answer.WaitAsync(AnswerTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new IpcException(IpcFailure.NoAnswer, $"the nucleus has not answered within {AnswerTimeout.TotalSeconds:0} s");
        }
    }

    private Task OpenAsync(IpcRequest request, IpcStream stream, CancellationToken cancellationToken) => _writer.WriteAsync(
        () =>
        {
            // The numbers must follow each other on the wire without a gap, and none may come twice in a connection.
            if (_streamId == _lastStreamId)
                End(new IpcTrouble(IpcTroubleKind.Away, "all numbers of its streams are used up"));
            else
                stream.Id = ++_streamId;
            _streams[stream.Id] = stream;
            return request.ToMessage(stream.Id);
        },
        cancellationToken);

    /// <summary>Says that a stream is over, where the nucleus has not said so; one that never began needs nothing.</summary>
    private async Task EndAsync(IpcStream stream)
    {
        if (stream.Id == 0 || !_streams.TryRemove(stream.Id, out _))
            return;
        stream.Fail(new IpcException(IpcFailure.Ended, "the operation was ended here"));
        if (_ended.Task.IsCompleted)
            return;
        try
        {
            await _writer.WriteAsync(() => IpcHeaders.Terminate(stream.Id), CancellationToken.None);
        }
        catch (IpcException)
        {
            // All streams have ended with the connection.
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with what comes, the connection is over, and the reason is told.")]
    private async Task ReadAsync()
    {
        // Not on the thread of whoever connects.
        await Task.Yield();
        try
        {
            while (await _reader.ReadAsync(_lifetime.Token) is { } message)
                await ReceiveAsync(message);
            End(IpcTrouble.Closed);
        }
        catch (Exception exception)
        {
            End(IpcTrouble.Of(exception));
        }
    }

    private async ValueTask ReceiveAsync(EventStreamMessage message)
    {
        (IpcMessageType type, int flags, int id) = IpcHeaders.Read(message);
        switch (type)
        {
            case IpcMessageType.ApplicationMessage or IpcMessageType.ApplicationError:
            case IpcMessageType.ProtocolError or IpcMessageType.ServerError when id != 0:
                ReceiveOnStream(message, type, flags, id);
                break;
            case IpcMessageType.ProtocolError or IpcMessageType.ServerError:
                throw new IpcConnectException(IpcTrouble.OfLastWord(IpcAnswer.ErrorOf(message).Text));
            case IpcMessageType.Ping:
                await _writer.WriteAsync(() => IpcHeaders.PingResponse(message), CancellationToken.None);
                break;
            case IpcMessageType.PingResponse or IpcMessageType.ConnectAck:
                break;
            default:
                throw new EventStreamException($"it sent a message of type {(int)type}");
        }
    }

    private void ReceiveOnStream(EventStreamMessage message, IpcMessageType type, int flags, int id)
    {
        // An error always ends its stream; so does the flag.
        bool isOver = type != IpcMessageType.ApplicationMessage || (flags & IpcHeaders.TerminateStream) != 0;

        // The answer to what is no longer waited for comes to no stream.
        if (isOver ? !_streams.TryRemove(id, out IpcStream? stream) : !_streams.TryGetValue(id, out stream))
            return;
        if (type != IpcMessageType.ApplicationMessage)
            stream.Fail(IpcAnswer.ErrorOf(message));
        else if (!isOver || message.Payload.Length > 0)
            stream.Receive(message);
        if (isOver)
            stream.Fail(new IpcException(IpcFailure.Error, "it ended the operation"));
    }
}
