using System.Runtime.InteropServices;
using System.Text;
using EdgeInference.Inference;

namespace EdgeInference.Native.OnnxRuntime;

/// <summary>The inputs or the outputs of a session: what they are, and their names as native code wants them.</summary>
internal sealed unsafe class OrtGraphInfo
{
    private readonly byte[] _nameBytes;

    private OrtGraphInfo(TensorInfo[] tensors)
    {
        Tensors = tensors;
        _nameBytes = GC.AllocateArray<byte>(tensors.Sum(static tensor => Encoding.UTF8.GetByteCount(tensor.Name) + 1), pinned: true);
        NativeNames = new nint[tensors.Length];
        int offset = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            NativeNames[i] = Marshal.UnsafeAddrOfPinnedArrayElement(_nameBytes, offset);
            offset += Encoding.UTF8.GetBytes(tensors[i].Name, _nameBytes.AsSpan(offset)) + 1;
        }
    }

    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>Addresses of the names, UTF-8 with a zero at the end; valid as long as this object lives.</summary>
    public nint[] NativeNames { get; }

    public static OrtGraphInfo ReadInputs(OrtApi api, OrtSessionHandle session)
    {
        OrtApiTable* table = api.Table;
        return Read(api, session, table->SessionGetInputCount, table->SessionGetInputName, table->SessionGetInputTypeInfo);
    }

    public static OrtGraphInfo ReadOutputs(OrtApi api, OrtSessionHandle session)
    {
        OrtApiTable* table = api.Table;
        return Read(api, session, table->SessionGetOutputCount, table->SessionGetOutputName, table->SessionGetOutputTypeInfo);
    }

    private static OrtGraphInfo Read(
        OrtApi api,
        OrtSessionHandle session,
        delegate* unmanaged<nint, nuint*, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getTypeInfo)
    {
        using NativeLease lease = session.Lease();
        nuint count;
        api.Check(getCount(lease.Native, &count), "SessionGetInputCount or SessionGetOutputCount");
        TensorInfo[] tensors = new TensorInfo[(int)count];
        for (nuint i = 0; i < count; i++)
        {
            string name = ReadName(api, lease.Native, i, getName);
            nint typeInfo;
            api.Check(getTypeInfo(lease.Native, i, &typeInfo), "SessionGetInputTypeInfo or SessionGetOutputTypeInfo");
            try
            {
                nint tensorInfo;
                api.Check(api.Table->CastTypeInfoToTensorInfo(typeInfo, &tensorInfo), nameof(OrtApiTable.CastTypeInfoToTensorInfo));
                if (tensorInfo == 0)
                    throw new InferenceException($"ONNX Runtime: {name} is not a tensor.");
                tensors[i] = new TensorInfo(name, OrtTensorShape.ReadElementType(api, tensorInfo, name), OrtTensorShape.Read(api, tensorInfo));
            }
            finally
            {
                api.Table->ReleaseTypeInfo(typeInfo);
            }
        }

        return new OrtGraphInfo(tensors);
    }

    private static string ReadName(
        OrtApi api, nint session, nuint index, delegate* unmanaged<nint, nuint, nint, byte**, nint> getName)
    {
        nint allocator;
        api.Check(api.Table->GetAllocatorWithDefaultOptions(&allocator), nameof(OrtApiTable.GetAllocatorWithDefaultOptions));
        byte* name;
        api.Check(getName(session, index, allocator, &name), "SessionGetInputName or SessionGetOutputName");
        try
        {
            return Marshal.PtrToStringUTF8((nint)name)!;
        }
        finally
        {
            api.Check(api.Table->AllocatorFree(allocator, name), nameof(OrtApiTable.AllocatorFree));
        }
    }
}
