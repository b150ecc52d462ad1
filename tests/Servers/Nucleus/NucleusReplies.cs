namespace EdgeInference.TestServers;

/// <summary>The answers to one client, and the faults that take their place.</summary>
internal sealed class NucleusReplies(NucleusServer server, NucleusConnection connection, NucleusStreams streams)
{
    /// <summary>Answers, or does what a fault wants instead. The first action goes before the answer, since the client may be quick.</summary>
    public async Task AnswerAsync(NucleusMoment moment, NucleusFrame answer, Action? answering = null, Action? answered = null)
    {
        byte[] bytes = answer.Encode();
        switch (server.Faults.Of(moment))
        {
            case NucleusFault.Silence:
                return;
            case NucleusFault.OtherBytes other:
                await connection.WriteAsync(other.Bytes);
                return;
            case NucleusFault.CutAnswer cut:
                await connection.WriteAsync(bytes.AsMemory(0, Math.Min(cut.Bytes, bytes.Length)));
                throw new NucleusClosedException("fault");
            case null:
                break;
            default:
                throw new NucleusClosedException("fault");
        }

        await server.Held.SendAsync(moment, async () =>
        {
            answering?.Invoke();
            await connection.WriteAsync(bytes);
            answered?.Invoke();
        });
    }

    /// <summary>Ends a stream with an error.</summary>
    public Task FailAsync(int stream, string code, string message)
    {
        streams.End(stream);
        return connection.WriteAsync(NucleusAnswers.Error(server.Settings.Kind, stream, code, message).Encode());
    }

    /// <summary>Sends a message to a subscriber, if it fits into a frame.</summary>
    public async Task<bool> SendEventAsync(int stream, string topic, byte[] payload)
    {
        byte[] bytes = NucleusAnswers.Event(stream, topic, payload).Encode();
        if (bytes.Length > server.Settings.LongestFrame)
            return false;
        await connection.WriteAsync(bytes);
        return true;
    }

    public Task EndAsync(int stream)
    {
        streams.End(stream);
        return connection.WriteAsync(NucleusAnswers.End(stream).Encode());
    }
}

/// <summary>Answers that are kept back, to be sent later and in another order.</summary>
internal sealed class NucleusHeld(NucleusJournal journal)
{
    private readonly List<Func<Task>> _answers = [];

    /// <summary>Whether answers to operations are kept back from now on.</summary>
    public bool Holds { get; set; }

    public Task WaitForAsync(int count) => journal.WaitAsync(() => _answers.Count >= count, $"{count} answers held back");

    /// <summary>Sends those that are held, in this order of their places (from 0), and forgets the others.</summary>
    public async Task ReleaseAsync(params int[] order)
    {
        Func<Task>[] answers = [];
        journal.Change(() =>
        {
            answers = [.. _answers];
            _answers.Clear();
        });
        foreach (int place in order)
            await answers[place]();
    }

    public async Task SendAsync(NucleusMoment moment, Func<Task> send)
    {
        if (Holds && moment != NucleusMoment.Connected)
            journal.Change(() => _answers.Add(send));
        else
            await send();
    }
}
