namespace EdgeInference.TestServers;

/// <summary>The streams of one connection: which ids were used, and who has ended what.</summary>
internal sealed class NucleusStreams
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, State> _states = [];
    private int _latest;

    private enum State
    {
        Asked,
        Answered,
        Subscribed,
        EndedByNucleus,
        EndedByClient,
    }

    /// <summary>Streams whose answer the client has, and which it should have ended.</summary>
    public int[] Unended
    {
        get
        {
            lock (_lock)
                return [.. _states.Where(static stream => stream.Value == State.Answered).Select(static stream => stream.Key)];
        }
    }

    /// <summary>Begins a stream.</summary>
    /// <returns>What is wrong with its id; null: nothing.</returns>
    public string? Begin(int stream)
    {
        lock (_lock)
        {
            int before = _latest;
            _latest = Math.Max(_latest, stream);
            if (!_states.TryAdd(stream, State.Asked))
                return "stream id used again";
            return stream == before + 1 ? null : "stream ids not one after the other";
        }
    }

    /// <summary>The nucleus has answered, and leaves it to the client to end the stream.</summary>
    public void Answer(int stream) => Move(stream, State.Answered);

    /// <summary>The nucleus has answered, and messages may follow.</summary>
    public void Subscribe(int stream) => Move(stream, State.Subscribed);

    /// <summary>The nucleus ends the stream.</summary>
    public void End(int stream) => Move(stream, State.EndedByNucleus);

    /// <summary>The client ends the stream.</summary>
    /// <returns>What is wrong with that; null: nothing, or that both have ended it at the same time.</returns>
    public string? EndByClient(int stream)
    {
        lock (_lock)
        {
            string? fault = !_states.TryGetValue(stream, out State state) ? "end of a stream that was never begun"
                : state == State.EndedByClient ? "second end of a stream"
                : null;
            _states[stream] = State.EndedByClient;
            return fault;
        }
    }

    // A client may end a stream before its answer.
    private void Move(int stream, State state)
    {
        lock (_lock)
        {
            if (_states.GetValueOrDefault(stream) != State.EndedByClient)
                _states[stream] = state;
        }
    }
}
