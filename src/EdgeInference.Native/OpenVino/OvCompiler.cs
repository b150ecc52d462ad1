using System.Globalization;
using System.Runtime.InteropServices.Marshalling;
using System.Text;
using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OpenVino;

/// <summary>Reads models and compiles them.</summary>
internal static unsafe class OvCompiler
{
    /// <summary>The key of the folder for compiled models.</summary>
    public const string CacheDirectory = "CACHE_DIR";

    /// <summary>The most properties that <see cref="Compile"/> takes.</summary>
    public const int MaxProperties = 8;

    /// <exception cref="InferenceException">OpenVINO cannot read it.</exception>
    public static OvModelHandle Read(OvApi api, OvCoreHandle core, InferenceModel model)
    {
        nint native;
        OvStatus status;
        string call;
        using NativeLease lease = core.Lease();
        if (model.Onnx.IsEmpty)
        {
            call = "ov_core_read_model";
            fixed (byte* path = Encoding.UTF8.GetBytes(model.Path + "\0"))
                status = api.Table.CoreReadModel(lease.Native, path, null, &native);
        }
        else
        {
            // No weights: they are in the ONNX model, which is copied.
            call = "ov_core_read_model_from_memory_buffer";
            fixed (byte* onnx = model.Onnx.Span)
                status = api.Table.CoreReadModelFromMemoryBuffer(lease.Native, onnx, (nuint)model.Onnx.Length, 0, &native);
        }

        // OpenVINO does not say that the version is what it dislikes of an older IR.
        return status == OvStatus.Ok
            ? new OvModelHandle(api, native, core)
            : throw new InferenceException($"{api.Describe(status, call)} (it reads ONNX, and IR from v10 on; this is {model.Format})");
    }

    /// <exception cref="InferenceException">The device cannot be used, or refuses the model.</exception>
    public static OvCompiledModelHandle Compile(
        OvApi api, OvCoreHandle core, OvModelHandle model, string device, IReadOnlyList<(string Key, string Value)> properties)
    {
        if (properties.Count > MaxProperties)
            throw new ArgumentOutOfRangeException(nameof(properties), properties.Count, $"{MaxProperties} at most");

        // Keys and values by turns, as the variadic function wants them, null behind the last; ov_property_t is a pair of them.
        byte*[] texts = new byte*[2 * MaxProperties];
        try
        {
            for (int i = 0; i < properties.Count; i++)
            {
                texts[2 * i] = Utf8StringMarshaller.ConvertToUnmanaged(properties[i].Key);
                texts[(2 * i) + 1] = Utf8StringMarshaller.ConvertToUnmanaged(properties[i].Value);
            }

            nint native;
            using NativeLease coreLease = core.Lease();
            using NativeLease modelLease = model.Lease();
            fixed (byte* deviceName = Encoding.UTF8.GetBytes(device + "\0"))
            fixed (byte** pairs = texts)
            {
                OvApiTable table = api.Table;
                if (table.CoreCompileModelProps is not null)
                {
                    api.Check(
                        table.CoreCompileModelProps(
                            coreLease.Native, modelLease.Native, deviceName, (nuint)properties.Count, (OvProperty*)pairs, &native),
                        "ov_core_compile_model_props");
                }
                else
                {
                    api.Check(
                        CompileVariadic(table.CoreCompileModel, coreLease.Native, modelLease.Native, deviceName, &native, pairs, properties.Count),
                        "ov_core_compile_model");
                }
            }

            return new OvCompiledModelHandle(api, native, core);
        }
        finally
        {
            foreach (byte* text in texts)
                Utf8StringMarshaller.Free(text);
        }
    }

    /// <summary>What <paramref name="options"/> ask of the device, as OpenVINO names it (ov_property.h).</summary>
    public static IReadOnlyList<(string Key, string Value)> PropertiesOf(EngineOptions options, ILogger logger)
    {
        List<(string Key, string Value)> properties =
            [("PERFORMANCE_HINT", options.Performance == PerformanceHint.Latency ? "LATENCY" : "THROUGHPUT")];
        if (NameOf(options.Precision) is { } precision)
            properties.Add(("INFERENCE_PRECISION_HINT", precision));
        if (options.Threads > 0 && TakesThreads(options.Device))
            properties.Add(("INFERENCE_NUM_THREADS", options.Threads.ToString(CultureInfo.InvariantCulture)));
        if (options.CacheDirectory is { Length: > 0 } folder && MakeFolder(folder, logger))
            properties.Add((CacheDirectory, folder));
        return properties;
    }

    /// <summary>The CPU does, and lists hand it on to the devices that do; others refuse the model for it.</summary>
    private static bool TakesThreads(string device) =>
        device is "CPU" or "AUTO" || device.StartsWith("CPU.", StringComparison.Ordinal) || device.Contains(':', StringComparison.Ordinal);

    /// <summary>f32, bf16 or f16; null where the device chooses.</summary>
    public static string? NameOf(InferencePrecision precision) => precision switch
    {
        InferencePrecision.Auto => null,
        InferencePrecision.F32 => "f32",
        InferencePrecision.Bf16 => "bf16",
        InferencePrecision.F16 => "f16",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, message: null),
    };

    private static bool MakeFolder(string folder, ILogger logger)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            OpenVinoLog.NoCache(logger, folder, exception.Message);
            return false;
        }
    }

    /// <summary>
    /// .NET cannot call variadic functions. On Linux, for x64 and arm64, one that gets pointers only finds them where it
    /// would find those of a function that has as many parameters, and does not look at those beyond the size. The size counts
    /// keys and values.
    /// </summary>
    private static OvStatus CompileVariadic(nint function, nint core, nint model, byte* device, nint* compiled, byte** t, int pairs) =>
        ((delegate* unmanaged<nint, nint, byte*, nuint, nint*,
            byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, byte*, OvStatus>)function)(
            core, model, device, 2 * (nuint)pairs, compiled,
            t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15]);
}
