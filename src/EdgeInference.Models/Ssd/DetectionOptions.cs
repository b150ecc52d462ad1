namespace EdgeInference.Models.Ssd;

/// <summary>The attributes of a DetectionOutput layer.</summary>
internal sealed record DetectionOptions
{
    /// <summary>Classes with the background; null for as many as the scores hold for each prior.</summary>
    public required int? Classes { get; init; }

    /// <summary>The class that is not reported; outside the classes for none.</summary>
    public required int BackgroundClass { get; init; }

    /// <summary>Best candidates of a class that suppression looks at; -1 for all.</summary>
    public required int TopK { get; init; }

    /// <summary>Best detections of an image that are kept; -1 for all.</summary>
    public required int KeepTopK { get; init; }

    /// <summary>Scores must be above it.</summary>
    public required float ConfidenceThreshold { get; init; }

    /// <summary>A box that overlaps a better one of its class by more (intersection / union) is dropped.</summary>
    public required float OverlapThreshold { get; init; }

    /// <summary>Whether offsets are to a prior's centre and size, not to its corners.</summary>
    public required bool CenterSize { get; init; }

    /// <summary>Whether one set of boxes serves all classes.</summary>
    public required bool ShareLocation { get; init; }

    /// <summary>Whether the variances are in the offsets already, and the priors come without them.</summary>
    public required bool VarianceEncoded { get; init; }

    public required bool ClipBefore { get; init; }

    public required bool ClipAfter { get; init; }

    /// <summary>MXNet's form: each prior counts for its best class only, and labels are one less.</summary>
    public required bool DecreaseLabel { get; init; }

    /// <summary>Whether priors are four parts of the image; otherwise an image number, -1 after the last prior, and four pixels.</summary>
    public required bool Normalized { get; init; }

    /// <summary>What priors in pixels are divided by.</summary>
    public required float ImageWidth { get; init; }

    public required float ImageHeight { get; init; }

    /// <summary>With five operands: priors whose objectness is below it count as background.</summary>
    public required float ObjectnessThreshold { get; init; }

    public int PriorSize => Normalized ? 4 : 5;
}
