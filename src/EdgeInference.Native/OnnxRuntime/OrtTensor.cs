using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>A <see cref="Inference.Tensor"/> and the native value that wraps its memory. Used by one thread at a time.</summary>
internal sealed unsafe class OrtTensor(OrtApi api, OrtSessionHandle session, TensorInfo info) : IDisposable
{
    private OrtValueHandle? _value;
    private byte* _address;
    private long[] _shape = [];

    /// <summary>Empty along the dimensions that are known only at run time.</summary>
    public Tensor Tensor { get; } = new(info.ElementType, [.. info.Shape.Select(static dimension => Math.Max(dimension, 0))]);

    /// <summary>
    /// Whether the shape is known beforehand, so that a run can write to <see cref="Tensor"/>. Not so without
    /// dimensions: that is a scalar, or a shape of which nothing is known.
    /// </summary>
    public bool HasFixedShape { get; } = info.Shape.Count > 0 && info.IsStatic;

    /// <summary>The value that wraps the tensor's memory and shape of now: borrowed, until the next call or disposal.</summary>
    public nint Wrap(OrtMemoryInfoHandle memory)
    {
        // Pinned by its owner, the tensor.
        byte* address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Tensor.Bytes));
        if (_value is null || address != _address || !Tensor.Shape.SequenceEqual(_shape))
        {
            _value?.Dispose();
            _value = Create(memory, address);
            _address = address;
            _shape = Tensor.Shape.ToArray();
        }

        return _value.DangerousGetHandle();
    }

    /// <summary>Copies a value that ONNX Runtime allocated, with its shape.</summary>
    public void CopyFrom(nint value)
    {
        nint shapeInfo;
        api.Check(api.Table->GetTensorTypeAndShape(value, &shapeInfo), nameof(OrtApiTable.GetTensorTypeAndShape));
        try
        {
            Span<long> shape = stackalloc long[OrtTensorShape.Rank(api, shapeInfo)];
            OrtTensorShape.Read(api, shapeInfo, shape);
            Tensor.Resize(shape);
        }
        finally
        {
            api.Table->ReleaseTensorTypeAndShapeInfo(shapeInfo);
        }

        byte* data;
        api.Check(api.Table->GetTensorMutableData(value, &data), nameof(OrtApiTable.GetTensorMutableData));
        new ReadOnlySpan<byte>(data, Tensor.Bytes.Length).CopyTo(Tensor.Bytes);
    }

    public void Dispose() => _value?.Dispose();

    private OrtValueHandle Create(OrtMemoryInfoHandle memory, byte* address)
    {
        nint value;
        using NativeLease memoryLease = memory.Lease();
        fixed (long* shape = Tensor.Shape)
        {
            api.Check(
                api.Table->CreateTensorWithDataAsOrtValue(
                    memoryLease.Native,
                    address,
                    (nuint)Tensor.Bytes.Length,
                    shape,
                    (nuint)Tensor.Shape.Length,
                    OrtTensorShape.ToNative(info.ElementType),
                    &value),
                $"CreateTensorWithDataAsOrtValue for {info.Name}");
        }

        return new OrtValueHandle(api, value, session);
    }
}
