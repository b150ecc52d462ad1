namespace EdgeInference.Models.Ir;

/// <summary>A legacy file's means, which its engine subtracted from an input. Scales are left out: the engine ignored them.</summary>
/// <param name="ReferenceLayer">The Input layer meant; empty for the first with four dimensions.</param>
/// <param name="Means">One for each channel of the input; null where the file gives none.</param>
internal sealed record IrPreProcess(string ReferenceLayer, IReadOnlyList<IrMean?> Means);

/// <summary>A number for a whole channel, or one for each of its pixels (FP32 in the .bin).</summary>
internal sealed record IrMean(float Value, IrBlob? Plane);
