using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>A <see cref="Inference.Tensor"/> in the memory of a request's own tensor. Used by one thread at a time.</summary>
internal sealed unsafe class OvTensor : IDisposable
{
    private readonly OvApi _api;
    private readonly OvPort _port;
    private readonly int _index;
    private readonly bool _isInput;
    private readonly long[] _shape;
    private OvTensorHandle? _handle;
    private bool _wasInferred;

    public OvTensor(OvApi api, OvPort port, int index, bool isInput)
    {
        _api = api;
        _port = port;
        _index = index;
        _isInput = isInput;
        _shape = [.. port.Info.Shape];
        Tensor = Tensor.OfEngine(port.Info.ElementType, Resize);
    }

    /// <summary>Empty as long as a dynamic shape is not known.</summary>
    public Tensor Tensor { get; }

    /// <summary>Maps the tensor, unless its shape is not known yet: for an input until it is resized, for an output until the first inference.</summary>
    public void Open(OvInferRequestHandle request)
    {
        if (_isInput || _port.IsStatic)
            Fetch(request);
        if (_port.IsStatic)
            Tensor.MapTo(Address(), _shape);
    }

    /// <summary>
    /// For outputs, after an inference. One with a fixed shape is asked for again once, after the first, which is the
    /// order that was tried on real releases; those with a dynamic shape lie elsewhere each time.
    /// </summary>
    public void Update(OvInferRequestHandle request)
    {
        if (_port.IsStatic && _wasInferred)
            return;
        _wasInferred = true;
        Fetch(request);
        if (_port.IsStatic)
        {
            Tensor.MapTo(Address(), _shape);
            return;
        }

        using NativeLease tensor = _handle!.Lease();

        // Not written for a scalar.
        OvShape shape = default;
        _api.Check(_api.Table.TensorGetShape(tensor.Native, &shape), "ov_tensor_get_shape");
        try
        {
            Tensor.MapTo(Address(), new ReadOnlySpan<long>(shape.Dimensions, (int)shape.Rank));
        }
        finally
        {
            _api.Table.ShapeFree(&shape);
        }
    }

    /// <summary>Leaves the <see cref="Tensor"/> empty, so that whoever still has it does not reach freed memory.</summary>
    public void Dispose()
    {
        Tensor.MapTo(0, 0);
        _handle?.Dispose();
    }

    private void Fetch(OvInferRequestHandle request)
    {
        nint native;
        using NativeLease lease = request.Lease();
        if (_isInput)
        {
            _api.Check(
                _api.Table.InferRequestGetInputTensorByIndex(lease.Native, (nuint)_index, &native), "ov_infer_request_get_input_tensor_by_index");
        }
        else
        {
            _api.Check(
                _api.Table.InferRequestGetOutputTensorByIndex(lease.Native, (nuint)_index, &native), "ov_infer_request_get_output_tensor_by_index");
        }

        if (_handle is null)
            _handle = new OvTensorHandle(_api, native, request);
        else
            _handle.Replace(native);
    }

    private nint Address()
    {
        byte* address;
        using NativeLease tensor = _handle!.Lease();
        _api.Check(_api.Table.TensorData(tensor.Native, &address), "ov_tensor_data");
        return (nint)address;
    }

    /// <summary>A <see cref="TensorResizer"/>.</summary>
    private nint Resize(ReadOnlySpan<long> shape)
    {
        if (!_isInput)
            throw new InvalidOperationException($"OpenVINO: output {_port.Info.Name} gets its shape from the inference.");
        if (_port.IsStatic)
            throw new InferenceException($"OpenVINO: input {_port.Info} cannot be given the shape [{string.Join(',', shape.ToArray())}].");
        fixed (long* dimensions = shape)
        {
            using NativeLease tensor = _handle!.Lease();
            _api.Check(
                _api.Table.TensorSetShape(tensor.Native, new OvShape { Rank = shape.Length, Dimensions = dimensions }),
                $"ov_tensor_set_shape of {_port.Info.Name}");
        }

        return Address();
    }
}
