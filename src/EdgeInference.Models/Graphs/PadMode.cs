namespace EdgeInference.Models.Graphs;

/// <summary>What new elements around a tensor hold; the names are those of the model files.</summary>
internal enum PadMode
{
    /// <summary>One value.</summary>
    Constant,

    /// <summary>The nearest element.</summary>
    Edge,

    /// <summary>The elements mirrored at the outermost, which is not repeated: 3 2 | 1 2 3.</summary>
    Reflect,

    /// <summary>The elements mirrored at the border: 2 1 | 1 2 3.</summary>
    Symmetric,
}
