using System.Globalization;

namespace EdgeInference.Models.Ir;

/// <summary>What a model's weights are stored as, for people.</summary>
internal static class IrPrecision
{
    /// <summary>INT8, FP16 or FP32: the type of most of the constants' bytes, INT8 too where values are quantised.</summary>
    public static string Of(IrDocument document)
    {
        if (document.Layers.Any(static layer => layer.Type is "FakeQuantize" or "Quantize"))
            return "INT8";
        return document.Layers
            .Select(static layer => (Type: Name(layer), Size: Size(layer)))
            .Where(static weights => weights.Size > 0)
            .GroupBy(static weights => weights.Type, StringComparer.Ordinal)
            .OrderByDescending(static group => group.Sum(static weights => (double)weights.Size))
            .FirstOrDefault()?.Key ?? "FP32";
    }

    private static long Size(IrLayer layer) =>
        layer.Blobs.Count > 0 ? layer.Blobs.Values.Max(static blob => blob.Size)
        : layer.Attributes.TryGet("size", out string? size) && long.TryParse(size, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;

    private static string Name(IrLayer layer) =>
        (layer.Attributes.Get("element_type") ?? layer.Precision).ToUpperInvariant() switch
        {
            "F16" or "FP16" => "FP16",
            "I8" or "U8" => "INT8",
            "BF16" => "BF16",
            _ => "FP32",
        };
}
