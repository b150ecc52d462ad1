namespace EdgeInference.Models.Ssd;

/// <summary>Keeps objects for reuse by concurrent callers, without locks or allocation.</summary>
internal sealed class ScratchPool<T>(Func<T> create)
    where T : class
{
    /// <summary>More callers at once than a machine has use for; what is beyond is left to the collector.</summary>
    private readonly T?[] _slots = new T?[64];

    public T Rent()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is not null && Interlocked.Exchange(ref _slots[i], null) is { } item)
                return item;
        }

        return create();
    }

    public void Return(T item)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is null && Interlocked.CompareExchange(ref _slots[i], item, null) is null)
                return;
        }
    }
}
