namespace EdgeInference.Models.Ssd;

/// <summary>The best of the keys (<see cref="ScoreKey"/>) added so far, up to a number.</summary>
internal sealed class BestKeys
{
    /// <summary>The worst comes out first.</summary>
    private readonly PriorityQueue<ulong, ulong> _keys = new();
    private int _most;

    /// <summary>What a key must be below to become one of the best.</summary>
    public ulong Limit { get; private set; }

    /// <param name="most">How many; below 0 for all.</param>
    public void Clear(int most)
    {
        _keys.Clear();
        _most = most;
        Limit = most == 0 ? 0 : ulong.MaxValue;
    }

    public void Add(ulong key)
    {
        if (_most < 0)
            return;
        if (_keys.Count < _most)
            _keys.Enqueue(key, ~key);
        else
            _keys.EnqueueDequeue(key, ~key);
        if (_keys.Count == _most)
            Limit = _keys.Peek();
    }
}
