using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>A native object of ONNX Runtime. A child holds a reference on its parent, which is thus released after it.</summary>
internal abstract unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;
    private readonly OrtHandle? _parent;

    /// <summary>Takes <paramref name="native"/> over.</summary>
    protected OrtHandle(nint native, delegate* unmanaged<nint, void> release, OrtHandle? parent)
        : base(0, ownsHandle: true)
    {
        _release = release;
        bool added = false;
        parent?.DangerousAddRef(ref added);
        _parent = parent;
        SetHandle(native);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The native pointer, safe from release until the lease is disposed.</summary>
    public OrtLease Lease() => new(this);

    protected override bool ReleaseHandle()
    {
        _release(handle);
        _parent?.DangerousRelease();
        return true;
    }
}

/// <summary>Keeps a handle open during a call through the function table, which does not guard handles by itself.</summary>
internal readonly ref struct OrtLease : IDisposable
{
    private readonly OrtHandle _owner;

    public OrtLease(OrtHandle owner)
    {
        bool added = false;
        owner.DangerousAddRef(ref added);
        _owner = owner;
    }

    /// <summary>Borrowed.</summary>
    public nint Native => _owner.DangerousGetHandle();

    public void Dispose() => _owner.DangerousRelease();
}

internal sealed unsafe class OrtEnvHandle(OrtApi api, nint native) : OrtHandle(native, api.Table->ReleaseEnv, parent: null);

internal sealed unsafe class OrtSessionOptionsHandle(OrtApi api, nint native)
    : OrtHandle(native, api.Table->ReleaseSessionOptions, parent: null);

/// <summary>A session and, taken over with it, the logger that its native side calls.</summary>
internal sealed unsafe class OrtSessionHandle(OrtApi api, nint native, OrtEnvHandle env, GCHandle<ILogger> logger)
    : OrtHandle(native, api.Table->ReleaseSession, env)
{
    private GCHandle<ILogger> _logger = logger;

    protected override bool ReleaseHandle()
    {
        bool released = base.ReleaseHandle();
        _logger.Dispose();
        return released;
    }
}

internal sealed unsafe class OrtRunOptionsHandle(OrtApi api, nint native, OrtSessionHandle session)
    : OrtHandle(native, api.Table->ReleaseRunOptions, session);

internal sealed unsafe class OrtMemoryInfoHandle(OrtApi api, nint native, OrtSessionHandle session)
    : OrtHandle(native, api.Table->ReleaseMemoryInfo, session);

internal sealed unsafe class OrtValueHandle(OrtApi api, nint native, OrtSessionHandle session)
    : OrtHandle(native, api.Table->ReleaseValue, session);
