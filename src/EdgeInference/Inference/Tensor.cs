using System.Runtime.InteropServices;

namespace EdgeInference.Inference;

/// <summary>A dense array with a shape, row-major, in pinned memory that starts on a 64-byte boundary.</summary>
public sealed class Tensor
{
    private const int Alignment = 64;

    private byte[] _buffer = [];
    private int _offset;
    private long[] _shape = [];

    public Tensor(TensorElementType elementType, params ReadOnlySpan<long> shape)
    {
        ElementType = elementType;
        Resize(shape);
    }

    public TensorElementType ElementType { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Number of elements: the product of the dimensions, 1 for a scalar.</summary>
    public int Count { get; private set; }

    public Span<byte> Bytes => _buffer.AsSpan(_offset, Count * ElementType.Size());

    /// <summary>The elements as <typeparamref name="T"/>, whose size must be that of <see cref="ElementType"/>.</summary>
    public Span<T> Elements<T>()
        where T : unmanaged
    {
        if (Marshal.SizeOf<T>() != ElementType.Size() && !(typeof(T) == typeof(bool) && ElementType == TensorElementType.Boolean))
            throw new InvalidOperationException($"A tensor of {ElementType} cannot be read as {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>Gives the tensor another shape. The memory is kept when it is large enough; the content is undefined afterwards.</summary>
    public void Resize(params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            count = checked(count * dimension);
        }

        int bytes = checked((int)(count * ElementType.Size()));
        if (_buffer.Length < bytes + Alignment)
        {
            _buffer = GC.AllocateArray<byte>(bytes + Alignment, pinned: true);
            nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
            _offset = (int)((Alignment - (address % Alignment)) % Alignment);
        }

        if (!shape.SequenceEqual(_shape))
            _shape = shape.ToArray();
        Count = (int)count;
    }
}
