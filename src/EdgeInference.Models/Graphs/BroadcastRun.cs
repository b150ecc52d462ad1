namespace EdgeInference.Models.Graphs;

/// <summary>
/// The last axes of a broadcast of two tensors, as many as can be walked at once: along them each operand either goes on
/// element by element or stays where it is.
/// </summary>
internal readonly struct BroadcastRun
{
    private readonly long[] _outer;
    private readonly int _axes;

    public BroadcastRun(IReadOnlyList<long> first, IReadOnlyList<long> second, long[] result)
    {
        Length = 1;
        while (_axes < result.Length)
        {
            long size = result[^(_axes + 1)];
            (int firstStep, int secondStep) = (Step(first, _axes, size), Step(second, _axes, size));
            if (Length > 1 && size > 1 && (firstStep != FirstStep || secondStep != SecondStep))
                break;
            if (size > 1)
                (FirstStep, SecondStep) = (firstStep, secondStep);
            Length = checked((int)(Length * size));
            _axes++;
        }

        _outer = result[..^_axes];
    }

    /// <summary>Elements of the result in one run.</summary>
    public int Length { get; }

    /// <summary>How far the first operand goes for each element: 1, or 0 where it is repeated.</summary>
    public int FirstStep { get; }

    public int SecondStep { get; }

    /// <summary>The offsets at which the runs of an operand start.</summary>
    public BroadcastIndex Starts(IReadOnlyList<long> operand) =>
        new(_outer, BroadcastIndex.BroadcastStrides(operand, _outer.Length + _axes)[..^_axes], 0);

    private static int Step(IReadOnlyList<long> shape, int axisFromTheBack, long size) =>
        axisFromTheBack < shape.Count && shape[^(axisFromTheBack + 1)] == size ? 1 : 0;
}
