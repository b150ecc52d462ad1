using System.Runtime.InteropServices;
using System.Text;
using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>Reads properties, which the C API has as texts.</summary>
internal static unsafe class OvProperties
{
    /// <summary>A property of a device; or null, and the reason as OpenVINO says it.</summary>
    public static string? Find(OvApi api, OvCoreHandle core, string device, string key, out string? reason)
    {
        using NativeLease lease = core.Lease();
        byte* value;
        OvStatus status;
        fixed (byte* nativeDevice = Encoding.UTF8.GetBytes(device + "\0"))
        fixed (byte* nativeKey = Encoding.UTF8.GetBytes(key + "\0"))
            status = api.Table.CoreGetProperty(lease.Native, nativeDevice, nativeKey, &value);
        reason = status == OvStatus.Ok ? null : api.Reason(status);
        return reason is null ? api.TakeText(value) : null;
    }

    /// <summary>A property of a compiled model; null where it has none of that name.</summary>
    public static string? Find(OvApi api, OvCompiledModelHandle compiled, string key)
    {
        using NativeLease lease = compiled.Lease();
        byte* value;
        fixed (byte* nativeKey = Encoding.UTF8.GetBytes(key + "\0"))
            return api.Table.CompiledModelGetProperty(lease.Native, nativeKey, &value) == OvStatus.Ok ? api.TakeText(value) : null;
    }

    /// <exception cref="InferenceException">The call failed.</exception>
    public static string[] AvailableDevices(OvApi api, OvCoreHandle core)
    {
        using NativeLease lease = core.Lease();
        OvAvailableDevices devices = default;
        api.Check(api.Table.CoreGetAvailableDevices(lease.Native, &devices), "ov_core_get_available_devices");
        try
        {
            string[] names = new string[(int)devices.Size];
            for (int i = 0; i < names.Length; i++)
                names[i] = Marshal.PtrToStringUTF8((nint)devices.Devices[i]) ?? "";
            return names;
        }
        finally
        {
            api.Table.AvailableDevicesFree(&devices);
        }
    }
}
