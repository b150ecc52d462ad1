using EdgeInference.Inference;

namespace EdgeInference.Models.Ir;

/// <summary>
/// The element types of inputs and outputs, which a model's user sees. From IR v11 on they are what the file declares. IR
/// v10 keeps the promise of the versions before it: half-precision inputs are fed as FP32, outputs are I32 or FP32. Floats
/// of another width are given as Float32 in every version where <see cref="ModelFileOptions.FloatInterface"/> is asked for.
/// </summary>
internal static class InterfaceTypes
{
    public static TensorElementType OfInput(int irVersion, string declared, bool floats = false) =>
        Declared(declared, floats) is var type && irVersion == 10 && type == TensorElementType.Float16 ? TensorElementType.Float32 : type;

    public static TensorElementType OfOutput(int irVersion, string declared, bool floats = false)
    {
        TensorElementType type = Declared(declared, floats);
        if (irVersion > 10)
            return type;
        return type is TensorElementType.Int64 or TensorElementType.Int32 ? TensorElementType.Int32 : TensorElementType.Float32;
    }

    /// <summary>As in the file, but for types that no tensor here has: those as they are computed.</summary>
    private static TensorElementType Declared(string name, bool floats) => name.ToUpperInvariant() switch
    {
        "F16" or "FP16" when !floats => TensorElementType.Float16,
        "F64" or "FP64" when !floats => TensorElementType.Float64,
        _ => IrElementTypes.Parse(name),
    };
}
