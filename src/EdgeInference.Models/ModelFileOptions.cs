using EdgeInference.Models.Passes;

namespace EdgeInference.Models;

/// <summary>How a model file is to be read, where the file leaves a choice.</summary>
public sealed record ModelFileOptions
{
    /// <summary>Whole shapes for inputs with open sizes, by name, which may be empty for an only input; a size that the file gives must be the same.</summary>
    public IReadOnlyDictionary<string, long[]>? InputShapes { get; init; }

    /// <summary>What becomes of layers of an IR whose operands are quantised to eight bits.</summary>
    public IntegerKernels IntegerKernels { get; init; }

    /// <summary>
    /// Whether inputs and outputs of an IR that are floats of another width than 32 bits are given as Float32, in which they
    /// are computed; else they have the type that the file declares.
    /// </summary>
    public bool FloatInterface { get; init; }

    /// <summary>Which engine the model is read for.</summary>
    public ModelEngine Engine { get; init; }

    /// <summary>Whose forms the graph takes.</summary>
    internal OnnxTarget Target { get; init; }
}

/// <summary>The engines that models are read for.</summary>
public enum ModelEngine
{
    /// <summary>Every model becomes ONNX, in the forms that ONNX Runtime runs fastest on this machine's processor.</summary>
    OnnxRuntime,

    /// <summary>
    /// An IR from version 10 on is left to OpenVINO; an older one, one whose inputs get sizes that its file leaves open, and
    /// one with half-precision inputs or outputs where floats are asked for, becomes standard ONNX, all of it in float.
    /// </summary>
    OpenVino,
}

/// <summary>When convolutions and matrix products of an INT8 model are computed in whole numbers.</summary>
public enum IntegerKernels
{
    /// <summary>Where the processor multiplies and adds eight-bit numbers in one instruction that cannot saturate.</summary>
    Auto,

    /// <summary>Never: every layer is computed in float, as the file defines it.</summary>
    Never,

    /// <summary>Wherever the file allows it.</summary>
    Always,
}
