using System.Runtime.InteropServices;
using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>
/// The functions in use of OpenVINO's C API (src/bindings/c/include/openvino/c/ in its repository), by the header that
/// declares each. An element type is a bare number: see <see cref="OvElementTypes"/>.
/// </summary>
internal sealed unsafe class OvApiTable
{
    // ov_common.h
    public readonly delegate* unmanaged<byte*> GetLastErrMsg;
    public readonly delegate* unmanaged<byte*, void> Free;

    // ov_core.h
    public readonly delegate* unmanaged<OvVersion*, OvStatus> GetOpenVinoVersion;
    public readonly delegate* unmanaged<OvVersion*, void> VersionFree;
    public readonly delegate* unmanaged<nint*, OvStatus> CoreCreate;
    public readonly delegate* unmanaged<nint, void> CoreFree;
    public readonly delegate* unmanaged<nint, byte*, byte*, nint*, OvStatus> CoreReadModel;
    public readonly delegate* unmanaged<nint, byte*, nuint, nint, nint*, OvStatus> CoreReadModelFromMemoryBuffer;
    public readonly delegate* unmanaged<nint, byte*, byte*, byte**, OvStatus> CoreGetProperty;
    public readonly delegate* unmanaged<nint, OvAvailableDevices*, OvStatus> CoreGetAvailableDevices;
    public readonly delegate* unmanaged<OvAvailableDevices*, void> AvailableDevicesFree;

    /// <summary>Variadic behind the fifth parameter: <see cref="OvCompiler"/> gives it its type.</summary>
    public readonly nint CoreCompileModel;

    /// <summary>Null in releases before 2026.4.</summary>
    public readonly delegate* unmanaged<nint, nint, byte*, nuint, OvProperty*, nint*, OvStatus> CoreCompileModelProps;

    /// <summary>Null in 2025.0 and before.</summary>
    public readonly delegate* unmanaged<nint, byte*, OvStatus> CoreAddExtension;

    // ov_model.h
    public readonly delegate* unmanaged<nint, void> ModelFree;

    // ov_compiled_model.h
    public readonly delegate* unmanaged<nint, nuint*, OvStatus> CompiledModelInputsSize;
    public readonly delegate* unmanaged<nint, nuint*, OvStatus> CompiledModelOutputsSize;
    public readonly delegate* unmanaged<nint, nuint, nint*, OvStatus> CompiledModelInputByIndex;
    public readonly delegate* unmanaged<nint, nuint, nint*, OvStatus> CompiledModelOutputByIndex;
    public readonly delegate* unmanaged<nint, byte*, byte**, OvStatus> CompiledModelGetProperty;
    public readonly delegate* unmanaged<nint, nint*, OvStatus> CompiledModelCreateInferRequest;
    public readonly delegate* unmanaged<nint, void> CompiledModelFree;

    // ov_node.h
    public readonly delegate* unmanaged<nint, int*, OvStatus> PortGetElementType;
    public readonly delegate* unmanaged<nint, OvPartialShape*, OvStatus> PortGetPartialShape;
    public readonly delegate* unmanaged<nint, void> OutputConstPortFree;

    // ov_partial_shape.h, ov_shape.h
    public readonly delegate* unmanaged<OvPartialShape*, void> PartialShapeFree;
    public readonly delegate* unmanaged<OvShape*, OvStatus> ShapeFree;

    // ov_tensor.h
    public readonly delegate* unmanaged<int, OvShape, nint*, OvStatus> TensorCreate;
    public readonly delegate* unmanaged<nint, nuint*, OvStatus> TensorGetByteSize;
    public readonly delegate* unmanaged<nint, OvShape, OvStatus> TensorSetShape;
    public readonly delegate* unmanaged<nint, OvShape*, OvStatus> TensorGetShape;
    public readonly delegate* unmanaged<nint, byte**, OvStatus> TensorData;
    public readonly delegate* unmanaged<nint, void> TensorFree;

    // ov_infer_request.h
    public readonly delegate* unmanaged<nint, nuint, nint*, OvStatus> InferRequestGetInputTensorByIndex;
    public readonly delegate* unmanaged<nint, nuint, nint*, OvStatus> InferRequestGetOutputTensorByIndex;
    public readonly delegate* unmanaged<nint, OvCallback*, OvStatus> InferRequestSetCallback;
    public readonly delegate* unmanaged<nint, OvStatus> InferRequestStartAsync;
    public readonly delegate* unmanaged<nint, OvStatus> InferRequestWait;
    public readonly delegate* unmanaged<nint, OvStatus> InferRequestCancel;
    public readonly delegate* unmanaged<nint, void> InferRequestFree;

    /// <exception cref="InferenceException">A function is not there.</exception>
    public OvApiTable(nint library)
    {
        GetLastErrMsg = (delegate* unmanaged<byte*>)Get("ov_get_last_err_msg");
        Free = (delegate* unmanaged<byte*, void>)Get("ov_free");
        GetOpenVinoVersion = (delegate* unmanaged<OvVersion*, OvStatus>)Get("ov_get_openvino_version");
        VersionFree = (delegate* unmanaged<OvVersion*, void>)Get("ov_version_free");
        CoreCreate = (delegate* unmanaged<nint*, OvStatus>)Get("ov_core_create");
        CoreFree = (delegate* unmanaged<nint, void>)Get("ov_core_free");
        CoreReadModel = (delegate* unmanaged<nint, byte*, byte*, nint*, OvStatus>)Get("ov_core_read_model");
        CoreReadModelFromMemoryBuffer = (delegate* unmanaged<nint, byte*, nuint, nint, nint*, OvStatus>)Get("ov_core_read_model_from_memory_buffer");
        CoreGetProperty = (delegate* unmanaged<nint, byte*, byte*, byte**, OvStatus>)Get("ov_core_get_property");
        CoreGetAvailableDevices = (delegate* unmanaged<nint, OvAvailableDevices*, OvStatus>)Get("ov_core_get_available_devices");
        AvailableDevicesFree = (delegate* unmanaged<OvAvailableDevices*, void>)Get("ov_available_devices_free");
        CoreCompileModel = Get("ov_core_compile_model");
        CoreCompileModelProps = (delegate* unmanaged<nint, nint, byte*, nuint, OvProperty*, nint*, OvStatus>)GetOrNull("ov_core_compile_model_props");
        CoreAddExtension = (delegate* unmanaged<nint, byte*, OvStatus>)GetOrNull("ov_core_add_extension");
        ModelFree = (delegate* unmanaged<nint, void>)Get("ov_model_free");
        CompiledModelInputsSize = (delegate* unmanaged<nint, nuint*, OvStatus>)Get("ov_compiled_model_inputs_size");
        CompiledModelOutputsSize = (delegate* unmanaged<nint, nuint*, OvStatus>)Get("ov_compiled_model_outputs_size");
        CompiledModelInputByIndex = (delegate* unmanaged<nint, nuint, nint*, OvStatus>)Get("ov_compiled_model_input_by_index");
        CompiledModelOutputByIndex = (delegate* unmanaged<nint, nuint, nint*, OvStatus>)Get("ov_compiled_model_output_by_index");
        CompiledModelGetProperty = (delegate* unmanaged<nint, byte*, byte**, OvStatus>)Get("ov_compiled_model_get_property");
        CompiledModelCreateInferRequest = (delegate* unmanaged<nint, nint*, OvStatus>)Get("ov_compiled_model_create_infer_request");
        CompiledModelFree = (delegate* unmanaged<nint, void>)Get("ov_compiled_model_free");
        PortGetElementType = (delegate* unmanaged<nint, int*, OvStatus>)Get("ov_port_get_element_type");
        PortGetPartialShape = (delegate* unmanaged<nint, OvPartialShape*, OvStatus>)Get("ov_port_get_partial_shape");
        OutputConstPortFree = (delegate* unmanaged<nint, void>)Get("ov_output_const_port_free");
        PartialShapeFree = (delegate* unmanaged<OvPartialShape*, void>)Get("ov_partial_shape_free");
        ShapeFree = (delegate* unmanaged<OvShape*, OvStatus>)Get("ov_shape_free");
        TensorCreate = (delegate* unmanaged<int, OvShape, nint*, OvStatus>)Get("ov_tensor_create");
        TensorGetByteSize = (delegate* unmanaged<nint, nuint*, OvStatus>)Get("ov_tensor_get_byte_size");
        TensorSetShape = (delegate* unmanaged<nint, OvShape, OvStatus>)Get("ov_tensor_set_shape");
        TensorGetShape = (delegate* unmanaged<nint, OvShape*, OvStatus>)Get("ov_tensor_get_shape");
        TensorData = (delegate* unmanaged<nint, byte**, OvStatus>)Get("ov_tensor_data");
        TensorFree = (delegate* unmanaged<nint, void>)Get("ov_tensor_free");
        InferRequestGetInputTensorByIndex = (delegate* unmanaged<nint, nuint, nint*, OvStatus>)Get("ov_infer_request_get_input_tensor_by_index");
        InferRequestGetOutputTensorByIndex = (delegate* unmanaged<nint, nuint, nint*, OvStatus>)Get("ov_infer_request_get_output_tensor_by_index");
        InferRequestSetCallback = (delegate* unmanaged<nint, OvCallback*, OvStatus>)Get("ov_infer_request_set_callback");
        InferRequestStartAsync = (delegate* unmanaged<nint, OvStatus>)Get("ov_infer_request_start_async");
        InferRequestWait = (delegate* unmanaged<nint, OvStatus>)Get("ov_infer_request_wait");
        InferRequestCancel = (delegate* unmanaged<nint, OvStatus>)Get("ov_infer_request_cancel");
        InferRequestFree = (delegate* unmanaged<nint, void>)Get("ov_infer_request_free");

        nint GetOrNull(string name) => NativeLibrary.TryGetExport(library, name, out nint export) ? export : 0;

        nint Get(string name) =>
            GetOrNull(name) is var export && export != 0 ? export : throw new InferenceException($"it has no {name}");
    }
}

/// <summary>ov_status_e of ov_common.h.</summary>
internal enum OvStatus
{
    Ok = 0,
    GeneralError = -1,
    NotImplemented = -2,
    NetworkNotLoaded = -3,
    ParameterMismatch = -4,
    NotFound = -5,
    OutOfBounds = -6,
    Unexpected = -7,
    RequestBusy = -8,
    ResultNotReady = -9,
    NotAllocated = -10,
    InferNotStarted = -11,
    NetworkNotRead = -12,
    InferCancelled = -13,
    InvalidCParameter = -14,
    UnknownCError = -15,
    NotImplementedCMethod = -16,
    UnknownException = -17,
}

/// <summary>ov_version_t of ov_core.h; the texts are freed by ov_version_free.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvVersion
{
    public byte* BuildNumber;
    public byte* Description;
}

/// <summary>ov_available_devices_t of ov_core.h; freed by ov_available_devices_free.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvAvailableDevices
{
    public byte** Devices;
    public nuint Size;
}

/// <summary>ov_property_t of ov_property.h, since 2026.4. The value of all the keys in use is a text.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvProperty
{
    public byte* Key;
    public byte* Value;
}

/// <summary>ov_shape_t of ov_shape.h, passed by value to some functions; freed by ov_shape_free where OpenVINO filled it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvShape
{
    public long Rank;
    public long* Dimensions;
}

/// <summary>ov_dimension_t of ov_dimension.h, and ov_rank_t of ov_rank.h, which is the same. Both limits are included.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OvDimension
{
    public long Min;
    public long Max;

    /// <summary>Whether it has one value only; without an upper limit, <see cref="Max"/> is -1.</summary>
    public readonly bool IsStatic => Min == Max && Min >= 0;
}

/// <summary>ov_partial_shape_t of ov_partial_shape.h; no dimensions where the rank is dynamic. Freed by ov_partial_shape_free.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvPartialShape
{
    public OvDimension Rank;
    public OvDimension* Dimensions;
}

/// <summary>ov_callback_t of ov_infer_request.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OvCallback
{
    public delegate* unmanaged<nint, void> Function;
    public nint Argument;
}
