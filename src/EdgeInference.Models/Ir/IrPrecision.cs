using System.Globalization;

namespace EdgeInference.Models.Ir;

/// <summary>What a model's weights are stored as.</summary>
internal static class IrPrecision
{
    /// <summary>For people: INT8, FP16 or FP32: the type of most of the constants' bytes, INT8 too where values are quantised.</summary>
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

    /// <summary>
    /// The length of a .bin as the memory for its weights is reckoned: those of four bits count as if they were stored in
    /// eight, each byte of the file once.
    /// </summary>
    public static long LengthInBytes(IrDocument document, long length) => length + document.Layers
        .Where(static layer => layer.Attributes.Get("element_type") is "u4" or "i4")
        .Aggregate(0L, (sum, layer) => Math.Min(length, sum + Math.Clamp(Size(layer), 0, length)));

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
