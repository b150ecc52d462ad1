using System.Runtime.InteropServices;

namespace EdgeInference.Native.OpenVino;

internal sealed unsafe class OvCoreHandle(OvApi api, nint native) : NativeHandle(native, api.Table.CoreFree, parent: null);

internal sealed unsafe class OvModelHandle(OvApi api, nint native, OvCoreHandle core) : NativeHandle(native, api.Table.ModelFree, core);

internal sealed unsafe class OvCompiledModelHandle(OvApi api, nint native, OvCoreHandle core)
    : NativeHandle(native, api.Table.CompiledModelFree, core);

internal sealed unsafe class OvPortHandle(OvApi api, nint native, OvCompiledModelHandle compiled)
    : NativeHandle(native, api.Table.OutputConstPortFree, compiled);

internal sealed unsafe class OvTensorHandle(OvApi api, nint native, OvInferRequestHandle request)
    : NativeHandle(native, api.Table.TensorFree, request)
{
    private readonly OvApi _api = api;

    /// <summary>Frees what it was and takes <paramref name="native"/> over. No other thread may use or release it meanwhile.</summary>
    public void Replace(nint native)
    {
        _api.Table.TensorFree(handle);
        SetHandle(native);
    }
}

/// <summary>A request and, released after it, what its callback needs.</summary>
internal sealed unsafe class OvInferRequestHandle(OvApi api, nint native, OvCompiledModelHandle compiled)
    : NativeHandle(native, api.Table.InferRequestFree, compiled)
{
    private OvCallback* _callback;
    private GCHandle<OpenVinoRequest> _owner;

    /// <summary>A callback that gets a GC handle of <paramref name="owner"/> as its argument.</summary>
    /// <returns>
    /// The structure for ov_infer_request_set_callback. OpenVINO is seen to copy it, but its sources of 2025 keep the
    /// pointer: it stays valid as long as the request.
    /// </returns>
    public OvCallback* CreateCallback(delegate* unmanaged<nint, void> function, OpenVinoRequest owner)
    {
        _owner = new GCHandle<OpenVinoRequest>(owner);
        _callback = (OvCallback*)NativeMemory.Alloc((nuint)sizeof(OvCallback));
        *_callback = new OvCallback { Function = function, Argument = GCHandle<OpenVinoRequest>.ToIntPtr(_owner) };
        return _callback;
    }

    protected override bool ReleaseHandle()
    {
        bool released = base.ReleaseHandle();
        if (_callback is not null)
        {
            NativeMemory.Free(_callback);
            _owner.Dispose();
        }

        return released;
    }
}
