using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>The tables of a <see cref="RowGather"/>, for inner loops.</summary>
internal readonly ref struct GatherTables
{
    public readonly ref int Starts;
    public readonly ref byte Shuffle;
    public readonly ref short Weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GatherTables(RowGather gather)
    {
        Starts = ref MemoryMarshal.GetArrayDataReference(gather.Starts);
        Shuffle = ref MemoryMarshal.GetArrayDataReference(gather.Shuffle);
        Weights = ref MemoryMarshal.GetArrayDataReference(gather.Weights);
    }
}

/// <summary>Which kind of <see cref="RowGather"/> an inner loop is compiled for.</summary>
internal interface IDensity;

internal readonly struct Dense : IDensity;

internal readonly struct Sparse : IDensity;
