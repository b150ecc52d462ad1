using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using System.Text;
using EdgeInference.Inference;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>Makes environments and sessions, with the settings that suit a device whose cores also decode video.</summary>
internal static unsafe class OrtSessions
{
    private static readonly (string Key, string Value)[] ConfigEntries =
    [
        // A pool that spins while it waits takes the cores from the decoder.
        ("session.intra_op.allow_spinning", "0"),
        ("session.set_denormal_as_zero", "1"),

        // Weights outside the arena: it grows in powers of two, which is for what a run needs.
        ("session.use_device_allocator_for_initializers", "1"),
    ];

    /// <summary>
    /// What an operation on constants may make at load, beside a multiple of the model's size: a few bytes can ask for any
    /// number. What is larger is computed in each run, as long as there is memory for it.
    /// </summary>
    private const long LargestConstant = 64 << 20;
    private const int ConstantForByte = 4;

    /// <summary>The settings of all sessions, for comparison.</summary>
    public static string Settings => string.Join(", ", ConfigEntries);

    /// <summary>
    /// The environment of the process: ONNX Runtime has only one, counts who asked for it, and keeps the logger of
    /// whoever did so first. That is why the logger's GC handle is never freed.
    /// </summary>
    public static OrtEnvHandle CreateEnv(OrtApi api, ILogger logger)
    {
        GCHandle<ILogger> log = new(logger);
        nint env;
        fixed (byte* id = "EdgeInference\0"u8)
        {
            api.Check(
                api.Table->CreateEnvWithCustomLogger(&OrtLog.Write, GCHandle<ILogger>.ToIntPtr(log), OrtLoggingLevel.Warning, id, &env),
                nameof(OrtApiTable.CreateEnvWithCustomLogger));
        }

        return new OrtEnvHandle(api, env);
    }

    /// <summary>Threads that one request uses.</summary>
    public static int ThreadsOf(EngineOptions options) => options switch
    {
        { ThreadsPerRequest: > 0 } => options.ThreadsPerRequest,
        { Performance: PerformanceHint.Latency } => Environment.ProcessorCount,
        _ => 1,
    };

    /// <summary>Compiles the model for the CPU; its bytes are copied.</summary>
    /// <exception cref="ModelException">ONNX Runtime refuses the model.</exception>
    public static OrtSessionHandle CreateSession(
        OrtApi api, OrtEnvHandle env, InferenceModel model, EngineOptions engineOptions, ILogger logger)
    {
        GCHandle<ILogger> log = new(logger);
        try
        {
            using OrtSessionOptionsHandle options = CreateOptions(api, engineOptions, model, log);
            return new OrtSessionHandle(api, CreateSession(api, env, model.Onnx.Span, options), env, log);
        }
        catch (InferenceException exception)
        {
            log.Dispose();
            throw new ModelException($"{model.Path}: {exception.Message}", exception);
        }
    }

    private static nint CreateSession(OrtApi api, OrtEnvHandle env, ReadOnlySpan<byte> model, OrtSessionOptionsHandle options)
    {
        // The first session of a process also sets the calling thread to flush denormals, which is not ours to change.
        Denormals.FloatingPointEnvironment environment = Denormals.Save();
        try
        {
            nint session;
            using NativeLease envLease = env.Lease();
            using NativeLease optionsLease = options.Lease();
            fixed (byte* bytes = model)
            {
                api.Check(
                    api.Table->CreateSessionFromArray(envLease.Native, bytes, (nuint)model.Length, optionsLease.Native, &session),
                    nameof(OrtApiTable.CreateSessionFromArray));
            }

            return session;
        }
        finally
        {
            Denormals.Restore(environment);
        }
    }

    private static OrtSessionOptionsHandle CreateOptions(
        OrtApi api, EngineOptions engineOptions, InferenceModel model, GCHandle<ILogger> log)
    {
        OrtApiTable* table = api.Table;
        nint native;
        api.Check(table->CreateSessionOptions(&native), nameof(OrtApiTable.CreateSessionOptions));
        OrtSessionOptionsHandle options = new(api, native);
        try
        {
            api.Check(table->SetUserLoggingFunction(native, &OrtLog.Write, GCHandle<ILogger>.ToIntPtr(log)), nameof(OrtApiTable.SetUserLoggingFunction));
            api.Check(table->SetSessionLogSeverityLevel(native, OrtLoggingLevel.Warning), nameof(OrtApiTable.SetSessionLogSeverityLevel));
            OrtGraphOptimizationLevel level = model.IsOptimized ? OrtGraphOptimizationLevel.None : OrtGraphOptimizationLevel.All;
            api.Check(table->SetSessionGraphOptimizationLevel(native, level), nameof(OrtApiTable.SetSessionGraphOptimizationLevel));

            // One thread means the caller's alone: no pool is made. Operators run one after another, hence no second pool.
            api.Check(table->SetIntraOpNumThreads(native, ThreadsOf(engineOptions)), nameof(OrtApiTable.SetIntraOpNumThreads));
            api.Check(table->SetInterOpNumThreads(native, 1), nameof(OrtApiTable.SetInterOpNumThreads));

            foreach ((string key, string value) in ConfigEntries)
                AddConfigEntry(api, native, key, value);
            long largestConstant = LargestConstant + ((long)model.Onnx.Length * ConstantForByte);
            AddConfigEntry(api, native, "optimization.constant_folding_max_output_size_in_bytes", largestConstant.ToString(CultureInfo.InvariantCulture));

            // Plans of a run's memory are kept for each set of input shapes ever seen, and save neither time nor memory.
            api.Check(table->DisableMemPattern(native), nameof(OrtApiTable.DisableMemPattern));
            if (engineOptions.OptimizedModelPath is { } path)
                SetOptimizedModelPath(api, native, path);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static void SetOptimizedModelPath(OrtApi api, nint options, string path)
    {
        byte* nativePath = Utf8StringMarshaller.ConvertToUnmanaged(path);
        try
        {
            api.Check(api.Table->SetOptimizedModelFilePath(options, nativePath), nameof(OrtApiTable.SetOptimizedModelFilePath));
        }
        finally
        {
            Utf8StringMarshaller.Free(nativePath);
        }
    }

    private static void AddConfigEntry(OrtApi api, nint options, string key, string value)
    {
        fixed (byte* nativeKey = Encoding.UTF8.GetBytes(key + "\0"))
        fixed (byte* nativeValue = Encoding.UTF8.GetBytes(value + "\0"))
            api.Check(api.Table->AddSessionConfigEntry(options, nativeKey, nativeValue), nameof(OrtApiTable.AddSessionConfigEntry));
    }
}
