using System.Runtime.InteropServices;

namespace EdgeInference.Inference;

/// <summary>Makes room for a shape in memory that an engine owns, and tells where that memory is.</summary>
/// <param name="shape">The dimensions, outermost first.</param>
/// <returns>The address of the first element.</returns>
public delegate nint TensorResizer(ReadOnlySpan<long> shape);

/// <summary>
/// A dense array with a shape, row-major: in pinned memory of its own that starts on a 64-byte boundary, or in memory of
/// an engine, so that nothing has to be copied there.
/// </summary>
public sealed unsafe class Tensor
{
    private const int Alignment = 64;

    private readonly TensorResizer? _resizer;
    private byte[] _buffer = [];
    private int _offset;
    private byte* _address;
    private long[] _shape = [];

    public Tensor(TensorElementType elementType, params ReadOnlySpan<long> shape)
    {
        ElementType = elementType;
        Resize(shape);
    }

    private Tensor(TensorElementType elementType, TensorResizer resizer)
    {
        ElementType = elementType;
        _resizer = resizer;
    }

    public TensorElementType ElementType { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Number of elements: the product of the dimensions, 1 for a scalar.</summary>
    public int Count { get; private set; }

    public Span<byte> Bytes => _resizer is null
        ? _buffer.AsSpan(_offset, Count * ElementType.Size())
        : new Span<byte>(_address, Count * ElementType.Size());

    /// <summary>
    /// A tensor in an engine's memory, empty until <see cref="MapTo"/> says where that is; <see cref="Resize"/> asks the
    /// engine. It must not be used once the engine has freed the memory.
    /// </summary>
    public static Tensor OfEngine(TensorElementType elementType, TensorResizer resizer) => new(elementType, resizer);

    /// <summary>The elements as <typeparamref name="T"/>, whose size must be that of <see cref="ElementType"/>.</summary>
    public Span<T> Elements<T>()
        where T : unmanaged
    {
        if (sizeof(T) != ElementType.Size())
            throw new InvalidOperationException($"A tensor of {ElementType} cannot be read as {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>Gives the tensor another shape. The memory is kept when it is large enough; the content is undefined afterwards.</summary>
    public void Resize(params ReadOnlySpan<long> shape)
    {
        int count = CountOf(shape);
        int bytes = checked(count * ElementType.Size());
        if (_resizer is null)
            Allocate(bytes);
        else if (_address is null || !shape.SequenceEqual(_shape))
            _address = (byte*)_resizer(shape);
        SetShape(shape, count);
    }

    /// <summary>For engines: the tensor is at this address now, with this shape.</summary>
    public void MapTo(nint address, params ReadOnlySpan<long> shape)
    {
        if (_resizer is null)
            throw new InvalidOperationException("A tensor with memory of its own cannot be mapped to another address.");
        int count = CountOf(shape);
        _ = checked(count * ElementType.Size());
        _address = (byte*)address;
        SetShape(shape, count);
    }

    private static int CountOf(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            count = checked(count * dimension);
        }

        return checked((int)count);
    }

    private void Allocate(int bytes)
    {
        if (_buffer.Length >= bytes + Alignment)
            return;
        _buffer = GC.AllocateArray<byte>(bytes + Alignment, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        _offset = (int)((Alignment - (address % Alignment)) % Alignment);
    }

    private void SetShape(ReadOnlySpan<long> shape, int count)
    {
        if (!shape.SequenceEqual(_shape))
            _shape = shape.ToArray();
        Count = count;
    }
}
