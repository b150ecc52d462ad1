using System.Text.Json;

namespace EdgeInference.TestServers;

/// <summary>One client, from its first frame to its last.</summary>
internal sealed class NucleusSession
{
    private readonly NucleusServer _server;
    private readonly NucleusConnection _connection;
    private readonly NucleusClient _client;
    private readonly NucleusStreams _streams = new();
    private readonly NucleusReplies _replies;
    private readonly NucleusOperations _operations;

    public NucleusSession(NucleusServer server, NucleusConnection connection, NucleusClient client)
    {
        _server = server;
        _connection = connection;
        _client = client;
        _replies = new NucleusReplies(server, connection, _streams);
        _operations = new NucleusOperations(server, client, _streams, _replies);
    }

    public NucleusOperations Operations => _operations;

    /// <summary>Returns when the client has gone or was sent away.</summary>
    public async Task RunAsync()
    {
        string end = "the client has closed";
        try
        {
            if (_server.Faults.Of(NucleusMoment.Accepted) is not null)
                throw new NucleusClosedException("fault");
            while (await _connection.ReadAsync() is { } frame)
                await HandleAsync(frame);
            if (_connection.IsClosed)
                throw new NucleusClosedException("the nucleus has stopped");
            foreach (int stream in _streams.Unended)
                _operations.Note(stream, "stream that was answered and not ended");
        }
        catch (NucleusProtocolException exception)
        {
            end = exception.Message;
            _operations.Note(0, exception.Message);
            if (_server.Settings.Kind == NucleusKind.Classic)
                await SendAsync(NucleusAnswers.Protest(exception.Message).Encode());
        }
        catch (NucleusClosedException exception)
        {
            end = exception.Message;
        }
        finally
        {
            _server.Journal.Change(() => _client.End = end);
            _connection.Close();
        }
    }

    public void Close() => _connection.Close();

    public Task SendAsync(byte[] bytes) => _connection.WriteAsync(bytes);

    private Task HandleAsync(NucleusFrame frame)
    {
        int type = Number(frame, ":message-type");
        int flags = Number(frame, ":message-flags");
        int stream = Number(frame, ":stream-id");
        if (!_client.IsAuthenticated)
            return ConnectAsync(frame, type, flags, stream);
        if (stream == 0 && type == NucleusAnswers.Ping && _server.Settings.Kind == NucleusKind.Classic)
            return SendAsync(NucleusAnswers.Pong(frame).Encode());
        if (stream <= 0)
            throw new NucleusProtocolException("message on no stream");
        if (type != NucleusAnswers.ApplicationMessage)
            throw new NucleusProtocolException("message type that clients do not send");
        switch (flags)
        {
            case 0:
                return AskAsync(stream, frame);
            case NucleusAnswers.EndsStream:
                Leave(stream, frame);
                return Task.CompletedTask;
            default:
                throw new NucleusProtocolException("flags on a request");
        }
    }

    private async Task ConnectAsync(NucleusFrame frame, int type, int flags, int stream)
    {
        if (type != NucleusAnswers.Connect || flags != 0 || stream != 0)
            throw new NucleusProtocolException("first message that is no connect");
        if (frame.Find(":version")?.Text != "0.1.0")
            throw new NucleusProtocolException("no version 0.1.0");
        string token = TokenOf(frame.Payload);
        bool isKnown = _server.Knows(token);
        _server.Journal.Change(() =>
        {
            _client.Token = token;
            _client.IsAuthenticated = isKnown;
        });
        if (isKnown)
        {
            await _replies.AnswerAsync(NucleusMoment.Connected, NucleusAnswers.Ack(isAccepted: true));
            return;
        }

        if (_server.Settings.Kind == NucleusKind.Classic)
            await SendAsync(NucleusAnswers.Ack(isAccepted: false).Encode());
        throw new NucleusClosedException("token");
    }

    private Task AskAsync(int stream, NucleusFrame frame)
    {
        if (_streams.Begin(stream) is { } fault)
            Refuse(stream, fault);
        string operation = frame.Find("operation")?.Text ?? throw new NucleusProtocolException("no operation");

        // The official clients differ in whether they send these two; none sends others.
        if (frame.Find(":content-type") is { Text: not "application/json" })
            _operations.Note(stream, "content type that is not JSON");
        if (frame.Find("service-model-type") is { } model && model.Text != operation + "Request")
            _operations.Note(stream, "service-model-type that is not of the operation");
        return _operations.RunAsync(operation, stream, frame.Payload);
    }

    private void Leave(int stream, NucleusFrame frame)
    {
        if (_streams.EndByClient(stream) is { } fault)
            Refuse(stream, fault);
        if (frame.Payload.Length > 0)
            _operations.Note(stream, "end of a stream with a payload");
        _operations.Unsubscribe(stream);
        _server.Journal.End(_client.Number, stream);
    }

    // What nucleus Lite lets pass.
    private void Refuse(int stream, string reason)
    {
        if (_server.Settings.Kind == NucleusKind.Classic)
            throw new NucleusProtocolException(reason);
        _operations.Note(stream, reason);
    }

    private static int Number(NucleusFrame frame, string header) =>
        frame.Find(header)?.Number ?? throw new NucleusProtocolException($"no number {header}");

    private static string TokenOf(byte[] payload)
    {
        try
        {
            return JsonDocument.Parse(payload).RootElement.GetProperty("authToken").GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new NucleusProtocolException("no authToken", exception);
        }
    }
}

/// <summary>The nucleus closes a connection, and its client has done nothing wrong.</summary>
internal sealed class NucleusClosedException(string reason) : Exception(reason);
