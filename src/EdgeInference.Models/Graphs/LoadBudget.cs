using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeInference.Models.Graphs;

/// <summary>
/// What the reading of one model may take: bytes that are alive at one time, and bytes computed in all, which bounds the
/// time. Constants that nothing refers to any more are counted out when the room is needed.
/// </summary>
/// <param name="alive">Bytes alive at one time.</param>
/// <param name="computed">Bytes of all constants ever made.</param>
internal sealed class LoadBudget(long alive, long computed)
{
    /// <summary>The rest of the 64 MB is for the reader of the .xml and for what the collector keeps in hand.</summary>
    private const long Base = 48 << 20;

    /// <summary>FP16 weights double as floats, INT8 weights take four times as much.</summary>
    private const int AliveForByte = 4;

    /// <summary>Unpacking weights takes several steps, each with a result of four times the file's bytes.</summary>
    private const int ComputedForByte = 64;

    private const int ComputedForBase = 5;

    /// <summary>Smaller arrays are counted as if they lived for ever.</summary>
    private const int Tracked = 1 << 12;

    /// <summary>
    /// Room that a collection must find beyond what is asked for, and what must have been made since the last one: not every
    /// constant may ask for another.
    /// </summary>
    private const long Slack = 4 << 20;

    private readonly ConditionalWeakTable<byte[], object?> _arrays = [];
    private long _lasting;
    private long _arrayBytes;
    private long _computed;
    private long _collectedAt = -Slack;

    /// <summary>For a model whose files have so many bytes.</summary>
    public static LoadBudget ForFiles(long bytes) => new(Base + (bytes * AliveForByte), (Base * ComputedForBase) + (bytes * ComputedForByte));

    /// <summary>Counts what is kept until the model is read: records of the file, nodes.</summary>
    /// <exception cref="LayerException">There is no room.</exception>
    public void Charge(long bytes)
    {
        if (!HasRoom(bytes))
            throw new LayerException("the model would take more memory than any real one of its files' size");
        _lasting += bytes;
    }

    /// <returns>Null where there is no room.</returns>
    public byte[]? TryAllocate(long bytes)
    {
        if (bytes > Array.MaxLength || _computed + bytes > computed || !HasRoom(bytes))
            return null;
        var array = new byte[bytes];
        Track(array);
        return array;
    }

    /// <summary>Counts the memory of a constant unless it is counted already.</summary>
    /// <returns>False where there is no room.</returns>
    public bool TryCount(ReadOnlyMemory<byte> data)
    {
        if (!MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment) || segment.Array is not { } array || _arrays.TryGetValue(array, out _))
            return true;
        if (_computed + array.Length > computed || !HasRoom(array.Length))
            return false;
        Track(array);
        return true;
    }

    private void Track(byte[] array)
    {
        _computed += array.Length;
        if (array.Length < Tracked)
        {
            _lasting += array.Length;
            return;
        }

        _arrays.Add(array, null);
        _arrayBytes += array.Length;
    }

    private bool HasRoom(long bytes)
    {
        if (bytes <= alive - _lasting - _arrayBytes)
            return true;
        if (bytes > alive - _lasting || _computed - _collectedAt < Slack)
            return false;

        // Rare: only where a model unpacks weights in steps. What the steps left behind is dead, and only a collection tells.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collectedAt = _computed;
        _arrayBytes = _arrays.Sum(static entry => (long)entry.Key.Length);
        return bytes <= alive - _lasting - _arrayBytes - Slack;
    }
}
