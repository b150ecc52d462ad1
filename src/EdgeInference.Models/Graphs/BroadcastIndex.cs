namespace EdgeInference.Models.Graphs;

/// <summary>Walks the offsets of a tensor's elements while its broadcast or permuted form is walked in row-major order.</summary>
internal struct BroadcastIndex
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly long[] _position;
    private long _offset;
    private bool _started;

    /// <param name="source">The shape of the tensor as it lies in memory.</param>
    /// <param name="result">The shape that it is broadcast to.</param>
    public BroadcastIndex(IReadOnlyList<long> source, long[] result)
        : this(result, BroadcastStrides(source, result.Length), 0)
    {
    }

    /// <param name="shape">The shape to walk.</param>
    /// <param name="strides">How far each of its axes steps in memory, in elements.</param>
    /// <param name="offset">The first element.</param>
    public BroadcastIndex(long[] shape, long[] strides, long offset)
    {
        _shape = shape;
        _strides = strides;
        _position = new long[shape.Length];
        _offset = offset;
    }

    public static long[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    /// <summary>The strides that walk a tensor in a shape it is broadcast to: 0 along the axes that are repeated.</summary>
    public static long[] BroadcastStrides(IReadOnlyList<long> source, int rank)
    {
        long[] own = Strides(source);
        var strides = new long[rank];
        for (int i = 1; i <= own.Length; i++)
            strides[^i] = source[^i] == 1 ? 0 : own[^i];
        return strides;
    }

    /// <summary>The offset of the next element.</summary>
    public int Next()
    {
        if (!_started)
        {
            _started = true;
            return (int)_offset;
        }

        for (int axis = _shape.Length - 1; axis >= 0; axis--)
        {
            _offset += _strides[axis];
            if (++_position[axis] < _shape[axis])
                break;
            _offset -= _strides[axis] * _shape[axis];
            _position[axis] = 0;
        }

        return (int)_offset;
    }
}
