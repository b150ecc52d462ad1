using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

internal sealed unsafe class OrtEnvHandle(OrtApi api, nint native) : NativeHandle(native, api.Table->ReleaseEnv, parent: null);

internal sealed unsafe class OrtSessionOptionsHandle(OrtApi api, nint native)
    : NativeHandle(native, api.Table->ReleaseSessionOptions, parent: null);

/// <summary>A session and, taken over with it, the logger that its native side calls.</summary>
internal sealed unsafe class OrtSessionHandle(OrtApi api, nint native, OrtEnvHandle env, GCHandle<ILogger> logger)
    : NativeHandle(native, api.Table->ReleaseSession, env)
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
    : NativeHandle(native, api.Table->ReleaseRunOptions, session);

internal sealed unsafe class OrtMemoryInfoHandle(OrtApi api, nint native, OrtSessionHandle session)
    : NativeHandle(native, api.Table->ReleaseMemoryInfo, session);

internal sealed unsafe class OrtValueHandle(OrtApi api, nint native, OrtSessionHandle session)
    : NativeHandle(native, api.Table->ReleaseValue, session);
