using EdgeInference.Inference;

namespace EdgeInference.Native.OpenVino;

/// <summary>An input or output of a compiled model.</summary>
/// <param name="Info">Without dimensions where even their number is unknown.</param>
/// <param name="IsStatic">Whether the shape is known beforehand.</param>
internal sealed record OvPort(TensorInfo Info, bool IsStatic);

/// <summary>Reads the inputs and outputs of a compiled model.</summary>
internal static unsafe class OvPorts
{
    /// <summary>Reads the inputs, which must be as many as <paramref name="expected"/> and of the same types; their names are taken.</summary>
    /// <exception cref="InferenceException">A call failed, there is another number of them, or one of another type.</exception>
    public static OvPort[] ReadInputs(OvApi api, OvElementTypes types, OvCompiledModelHandle compiled, IReadOnlyList<TensorInfo> expected) =>
        Read(api, types, compiled, "input", api.Table.CompiledModelInputsSize, api.Table.CompiledModelInputByIndex, expected);

    /// <summary>Reads the outputs, as the inputs.</summary>
    /// <exception cref="InferenceException">As for inputs.</exception>
    public static OvPort[] ReadOutputs(OvApi api, OvElementTypes types, OvCompiledModelHandle compiled, IReadOnlyList<TensorInfo> expected) =>
        Read(api, types, compiled, "output", api.Table.CompiledModelOutputsSize, api.Table.CompiledModelOutputByIndex, expected);

    private static OvPort[] Read(
        OvApi api,
        OvElementTypes types,
        OvCompiledModelHandle compiled,
        string direction,
        delegate* unmanaged<nint, nuint*, OvStatus> getSize,
        delegate* unmanaged<nint, nuint, nint*, OvStatus> getByIndex,
        IReadOnlyList<TensorInfo> expected)
    {
        using NativeLease lease = compiled.Lease();
        nuint count;
        api.Check(getSize(lease.Native, &count), $"ov_compiled_model_{direction}s_size");
        if ((int)count != expected.Count)
            throw new InferenceException($"OpenVINO: the compiled model has {count} {direction}s, the model has {expected.Count}.");
        OvPort[] ports = new OvPort[(int)count];
        for (int i = 0; i < ports.Length; i++)
        {
            nint native;
            api.Check(getByIndex(lease.Native, (nuint)i, &native), $"ov_compiled_model_{direction}_by_index");
            using OvPortHandle port = new(api, native, compiled);
            ports[i] = Read(api, types, port, direction, expected[i]);
        }

        return ports;
    }

    private static OvPort Read(OvApi api, OvElementTypes types, OvPortHandle port, string direction, TensorInfo expected)
    {
        using NativeLease lease = port.Lease();
        int number;
        api.Check(api.Table.PortGetElementType(lease.Native, &number), "ov_port_get_element_type");
        TensorElementType type = types.Find(number)
            ?? throw new InferenceException($"OpenVINO: {direction} {expected.Name} has elements of OpenVINO type {number}, which is not supported.");
        if (type != expected.ElementType)
            throw new InferenceException($"OpenVINO: {direction} {expected.Name} is {type} in the compiled model, and {expected.ElementType} in the model.");
        long[]? shape = ReadShape(api, lease.Native);
        return new OvPort(new TensorInfo(expected.Name, type, shape ?? []), shape is not null && Array.TrueForAll(shape, static d => d >= 0));
    }

    /// <summary>The dimensions, -1 where they are dynamic; null where their number is.</summary>
    private static long[]? ReadShape(OvApi api, nint port)
    {
        OvPartialShape shape = default;
        api.Check(api.Table.PortGetPartialShape(port, &shape), "ov_port_get_partial_shape");
        try
        {
            if (!shape.Rank.IsStatic)
                return null;
            long[] dimensions = new long[shape.Rank.Max];
            for (int i = 0; i < dimensions.Length; i++)
                dimensions[i] = shape.Dimensions[i].IsStatic ? shape.Dimensions[i].Max : -1;
            return dimensions;
        }
        finally
        {
            api.Table.PartialShapeFree(&shape);
        }
    }
}
