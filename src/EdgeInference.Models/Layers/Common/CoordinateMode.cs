namespace EdgeInference.Models.Layers.Common;

/// <summary>Where an element of a resized axis lies on the old axis, whose elements lie at 0, 1, 2, …</summary>
internal enum CoordinateMode
{
    /// <summary>(i + 0.5) / scale - 0.5.</summary>
    HalfPixel,

    /// <summary>The same, but 0 where there is only one element.</summary>
    PytorchHalfPixel,

    /// <summary>i / scale.</summary>
    Asymmetric,

    /// <summary>(i + 0.5) / scale.</summary>
    TfHalfPixelForNn,

    /// <summary>i (size - 1) / (new size - 1): first and last elements fall together.</summary>
    AlignCorners,
}
