using System.Runtime.InteropServices;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>OrtApiBase of onnxruntime_c_api.h: where the function table comes from.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OrtApiBase
{
    /// <summary>The table of an API version, or null when the library is older than that.</summary>
    public delegate* unmanaged<uint, OrtApiTable*> GetApi;

    /// <summary>The library's version; the text belongs to the library.</summary>
    public delegate* unmanaged<byte*> GetVersionString;
}

/// <summary>
/// OrtApi of onnxruntime_c_api.h: function pointers whose positions never change, since a new version only adds to the
/// end. Only the functions in use are named, each with its position in the header. All return an OrtStatus (null for
/// success) unless the name says otherwise.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct OrtApiTable
{
    /// <summary>The lowest API version with all that is named here: ONNX Runtime 1.17 added SetUserLoggingFunction.</summary>
    public const uint Version = 17;

    private const int Pointer = 8;

    [FieldOffset(1 * Pointer)] public delegate* unmanaged<nint, OrtErrorCode> GetErrorCode;
    [FieldOffset(2 * Pointer)] public delegate* unmanaged<nint, byte*> GetErrorMessage;
    [FieldOffset(4 * Pointer)] public delegate* unmanaged<delegate* unmanaged<nint, OrtLoggingLevel, byte*, byte*, byte*, byte*, void>, nint, OrtLoggingLevel, byte*, nint*, nint> CreateEnvWithCustomLogger;
    [FieldOffset(8 * Pointer)] public delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint> CreateSessionFromArray;
    [FieldOffset(9 * Pointer)] public delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run;
    [FieldOffset(10 * Pointer)] public delegate* unmanaged<nint*, nint> CreateSessionOptions;
    [FieldOffset(11 * Pointer)] public delegate* unmanaged<nint, byte*, nint> SetOptimizedModelFilePath;
    [FieldOffset(17 * Pointer)] public delegate* unmanaged<nint, nint> DisableMemPattern;
    [FieldOffset(22 * Pointer)] public delegate* unmanaged<nint, OrtLoggingLevel, nint> SetSessionLogSeverityLevel;
    [FieldOffset(23 * Pointer)] public delegate* unmanaged<nint, OrtGraphOptimizationLevel, nint> SetSessionGraphOptimizationLevel;
    [FieldOffset(24 * Pointer)] public delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads;
    [FieldOffset(25 * Pointer)] public delegate* unmanaged<nint, int, nint> SetInterOpNumThreads;
    [FieldOffset(30 * Pointer)] public delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount;
    [FieldOffset(31 * Pointer)] public delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount;
    [FieldOffset(33 * Pointer)] public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo;
    [FieldOffset(34 * Pointer)] public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo;
    [FieldOffset(36 * Pointer)] public delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetInputName;
    [FieldOffset(37 * Pointer)] public delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOutputName;
    [FieldOffset(39 * Pointer)] public delegate* unmanaged<nint*, nint> CreateRunOptions;
    [FieldOffset(41 * Pointer)] public delegate* unmanaged<nint, OrtLoggingLevel, nint> RunOptionsSetRunLogSeverityLevel;
    [FieldOffset(46 * Pointer)] public delegate* unmanaged<nint, nint> RunOptionsSetTerminate;
    [FieldOffset(47 * Pointer)] public delegate* unmanaged<nint, nint> RunOptionsUnsetTerminate;
    [FieldOffset(49 * Pointer)] public delegate* unmanaged<nint, byte*, nuint, long*, nuint, OrtElementType, nint*, nint> CreateTensorWithDataAsOrtValue;
    [FieldOffset(51 * Pointer)] public delegate* unmanaged<nint, byte**, nint> GetTensorMutableData;
    [FieldOffset(55 * Pointer)] public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo;
    [FieldOffset(60 * Pointer)] public delegate* unmanaged<nint, OrtElementType*, nint> GetTensorElementType;
    [FieldOffset(61 * Pointer)] public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount;
    [FieldOffset(62 * Pointer)] public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions;
    [FieldOffset(65 * Pointer)] public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape;
    [FieldOffset(69 * Pointer)] public delegate* unmanaged<OrtAllocatorType, OrtMemoryType, nint*, nint> CreateCpuMemoryInfo;
    [FieldOffset(76 * Pointer)] public delegate* unmanaged<nint, void*, nint> AllocatorFree;
    [FieldOffset(78 * Pointer)] public delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions;
    [FieldOffset(92 * Pointer)] public delegate* unmanaged<nint, void> ReleaseEnv;
    [FieldOffset(93 * Pointer)] public delegate* unmanaged<nint, void> ReleaseStatus;
    [FieldOffset(94 * Pointer)] public delegate* unmanaged<nint, void> ReleaseMemoryInfo;
    [FieldOffset(95 * Pointer)] public delegate* unmanaged<nint, void> ReleaseSession;
    [FieldOffset(96 * Pointer)] public delegate* unmanaged<nint, void> ReleaseValue;
    [FieldOffset(97 * Pointer)] public delegate* unmanaged<nint, void> ReleaseRunOptions;
    [FieldOffset(98 * Pointer)] public delegate* unmanaged<nint, void> ReleaseTypeInfo;
    [FieldOffset(99 * Pointer)] public delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo;
    [FieldOffset(100 * Pointer)] public delegate* unmanaged<nint, void> ReleaseSessionOptions;
    [FieldOffset(130 * Pointer)] public delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry;
    [FieldOffset(266 * Pointer)] public delegate* unmanaged<nint, delegate* unmanaged<nint, OrtLoggingLevel, byte*, byte*, byte*, byte*, void>, nint, nint> SetUserLoggingFunction;
}

/// <summary>OrtErrorCode.</summary>
internal enum OrtErrorCode
{
    Ok,
    Fail,
    InvalidArgument,
    NoSuchFile,
    NoModel,
    EngineError,
    RuntimeException,
    InvalidProtobuf,
    ModelLoaded,
    NotImplemented,
    InvalidGraph,
    ExecutionProviderFail,
    ModelLoadCanceled,
    ModelRequiresCompilation,
    NotFound,
}

/// <summary>OrtLoggingLevel.</summary>
internal enum OrtLoggingLevel
{
    Verbose,
    Info,
    Warning,
    Error,
    Fatal,
}

/// <summary>GraphOptimizationLevel.</summary>
internal enum OrtGraphOptimizationLevel
{
    None = 0,
    All = 99,
}

/// <summary>OrtAllocatorType.</summary>
internal enum OrtAllocatorType
{
    Device = 0,
}

/// <summary>OrtMemType.</summary>
internal enum OrtMemoryType
{
    Default = 0,
}

/// <summary>ONNXTensorElementDataType, as far as <see cref="Inference.TensorElementType"/> has its like.</summary>
internal enum OrtElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Boolean = 9,
    Float16 = 10,
    Float64 = 11,
}
