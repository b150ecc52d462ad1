namespace EdgeInference.Integration.Tests.Goldens;

/// <summary>The recorded models that must be matched.</summary>
internal static class GoldenModels
{
    public static readonly string[] All =
    [
        "models/vehicle-detection-adas-0002/v3-FP16/vehicle-detection-adas-0002.xml",
        "models/vehicle-detection-adas-0002/v11-FP16/vehicle-detection-adas-0002.xml",
        "models/squeezenet1.1/v10-FP16/squeezenet1.1.xml",
        "models/face-detection-retail-0004/v3-FP16/face-detection-retail-0004.xml",
        "models/face-detection-retail-0004/v4-FP32/face-detection-retail-0004.xml",
        "models/person-detection-retail-0013/v3-FP16/person-detection-retail-0013.xml",
        "models/person-vehicle-bike-detection-crossroad-0078/v11-FP16/person-vehicle-bike-detection-crossroad-0078.xml",
        "models/vehicle-license-plate-detection-barrier-0106/v10-INT8/vehicle-license-plate-detection-barrier-0106.xml",
    ];
}

/// <summary>How far results may be from what was recorded.</summary>
/// <param name="RelativeScore">For raw tensors: share of a score.</param>
/// <param name="Score">For raw tensors: the least difference that counts.</param>
/// <param name="Box">For raw tensors: difference of an edge, normalised.</param>
/// <param name="VideoScore">For videos, where another decoder or colour conversion differs by a level or two.</param>
/// <param name="VideoOverlap">For videos: the least intersection over union.</param>
internal sealed record GoldenTolerance(double RelativeScore, double Score, double Box, double VideoScore, double VideoOverlap)
{
    private static readonly GoldenTolerance Float = new(1e-3, 1e-6, 2e-3, 0.03, 0.9);

    // Computed in whole numbers what was recorded in float.
    private static readonly GoldenTolerance Integer = new(0, 0.05, 0.02, 0.08, 0.8);

    public static GoldenTolerance For(string model) => model.Contains("-INT8/", StringComparison.Ordinal) ? Integer : Float;
}

/// <summary>A box with its class, as recorded or reported.</summary>
internal sealed record GoldenObject(int Label, double Confidence, double[] Box)
{
    /// <summary>Intersection over union with another box (xmin, ymin, xmax, ymax).</summary>
    public double IntersectionOverUnion(GoldenObject other)
    {
        double width = Math.Min(Box[2], other.Box[2]) - Math.Max(Box[0], other.Box[0]);
        double height = Math.Min(Box[3], other.Box[3]) - Math.Max(Box[1], other.Box[1]);
        double intersection = Math.Max(0, width) * Math.Max(0, height);
        return intersection / (Area(Box) + Area(other.Box) - intersection);
    }

    /// <summary>The one of the same class that overlaps most; null when there is none.</summary>
    public GoldenObject? BestMatch(IEnumerable<GoldenObject> others) => others
        .Where(other => other.Label == Label)
        .MaxBy(IntersectionOverUnion);

    private static double Area(double[] box) => (box[2] - box[0]) * (box[3] - box[1]);
}
