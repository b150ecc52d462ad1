namespace EdgeInference.Inference.Recovery;

/// <summary>The memory of the process, and whose turn it is to give some back.</summary>
internal sealed class ProcessMemory(Func<long> residentBytes)
{
    private int _recycling;

    public static ProcessMemory OfProcess { get; } = new(static () => Environment.WorkingSet);

    public long ResidentBytes => residentBytes();

    /// <returns>False while another stream's engine is being released.</returns>
    public bool TryBeginRecycling() => Interlocked.CompareExchange(ref _recycling, 1, 0) == 0;

    public void EndRecycling() => Volatile.Write(ref _recycling, 0);
}
