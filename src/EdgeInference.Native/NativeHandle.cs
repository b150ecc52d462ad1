using System.Runtime.InteropServices;

namespace EdgeInference.Native;

/// <summary>An object of a C library. A child holds a reference on its parent, which is thus released after it.</summary>
internal abstract unsafe class NativeHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;
    private readonly NativeHandle? _parent;

    /// <summary>Takes <paramref name="native"/> over.</summary>
    protected NativeHandle(nint native, delegate* unmanaged<nint, void> release, NativeHandle? parent)
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
    /// <exception cref="ObjectDisposedException">It is released.</exception>
    public NativeLease Lease() => new(this);

    protected override bool ReleaseHandle()
    {
        _release(handle);
        _parent?.DangerousRelease();
        return true;
    }
}

/// <summary>Keeps a handle open during a call through the function table, which does not guard handles by itself.</summary>
internal readonly ref struct NativeLease : IDisposable
{
    private readonly NativeHandle _owner;

    public NativeLease(NativeHandle owner)
    {
        bool added = false;
        owner.DangerousAddRef(ref added);
        _owner = owner;
    }

    /// <summary>Borrowed.</summary>
    public nint Native => _owner.DangerousGetHandle();

    public void Dispose() => _owner.DangerousRelease();
}
