using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Legacy;

/// <summary>
/// The attributes that describe kernel windows in legacy layers, in both styles: lists (kernel="3,3", outermost axis
/// first) and single numbers (kernel-x, kernel-y).
/// </summary>
internal static class LegacyWindow
{
    public static Window Read(LayerSource layer, IReadOnlyList<long> inputShape)
    {
        Window window = Written(layer, inputShape);
        return layer.Text("auto_pad", "").ToUpperInvariant() switch
        {
            "VALID" => window.Valid(),
            "SAME_UPPER" => window.Same(inputShape, upper: true),
            "SAME_LOWER" => window.Same(inputShape, upper: false),
            "" or "EXPLICIT" or "NOTSET" => window,
            var other => throw new LayerException($"auto_pad '{other}' is not known"),
        };
    }

    /// <summary>A transposed convolution's window; with auto_pad same the declared sizes rule.</summary>
    public static TransposedWindow ReadTransposed(LayerSource layer, IReadOnlyList<long> inputShape)
    {
        Window window = Written(layer, inputShape);
        var nothing = new long[window.Rank];
        return layer.Text("auto_pad", "").ToUpperInvariant() switch
        {
            "VALID" => TransposedWindow.Of(window.Valid(), nothing),
            "SAME_UPPER" => TransposedWindow.CutEvenly(window, inputShape, [.. layer.DeclaredShape().Skip(2)], nothing, oneMoreAtBegin: false),
            "SAME_LOWER" => TransposedWindow.CutEvenly(window, inputShape, [.. layer.DeclaredShape().Skip(2)], nothing, oneMoreAtBegin: true),
            "" or "EXPLICIT" or "NOTSET" => TransposedWindow.Of(window, nothing),
            var other => throw new LayerException($"auto_pad '{other}' is not known"),
        };
    }

    private static Window Written(LayerSource layer, IReadOnlyList<long> inputShape)
    {
        long[] kernel = layer.Has("kernel") ? layer.Ints("kernel") : [layer.Int("kernel-y"), layer.Int("kernel-x")];
        long[] begin = List(layer, kernel.Length, "pads_begin", "pad-y", "pad-x", 0) ?? new long[kernel.Length];
        long[] end = List(layer, kernel.Length, "pads_end", "pad-b", "pad-r", null) ?? EndPads(layer, begin);
        long[] ones = [.. kernel.Select(static _ => 1L)];
        var window = new Window(
            kernel,
            List(layer, kernel.Length, "strides", "stride-y", "stride-x", 1) ?? ones,
            List(layer, kernel.Length, "dilations", "dilation-y", "dilation-x", 1) ?? ones,
            begin,
            end);
        return inputShape.Count == window.Rank + 2
            ? window
            : throw new LayerException($"input {Shapes.Describe(inputShape)} does not fit {window.Rank} kernel sizes");
    }

    private static long[] EndPads(LayerSource layer, long[] begin) =>
        begin.Length == 2 ? [layer.Int("pad-b", begin[0]), layer.Int("pad-r", begin[1])] : begin;

    /// <summary>The list under its new name, else the pair under the old ones; null when neither is whole.</summary>
    private static long[]? List(LayerSource layer, int rank, string list, string y, string x, long? missing)
    {
        if (layer.Has(list))
            return layer.Ints(list);
        if (rank != 2 || (missing is null && !(layer.Has(y) && layer.Has(x))))
            return null;
        return [layer.Int(y, missing ?? 0), layer.Int(x, missing ?? 0)];
    }
}
