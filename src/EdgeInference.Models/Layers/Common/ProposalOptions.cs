namespace EdgeInference.Models.Layers.Common;

/// <summary>The attributes of the layers that propose regions.</summary>
internal sealed record ProposalOptions
{
    /// <summary>Side length of the anchor of ratio and scale 1, in pixels.</summary>
    public required float BaseSize { get; init; }

    /// <summary>Height / width of the anchors.</summary>
    public required float[] Ratios { get; init; }

    public required float[] Scales { get; init; }

    /// <summary>Pixels between cells.</summary>
    public required float Stride { get; init; }

    /// <summary>Least side length, in pixels of the image before it was scaled.</summary>
    public required float MinSize { get; init; }

    /// <summary>Best boxes that suppression looks at.</summary>
    public required long MostBefore { get; init; }

    /// <summary>Rows of the output for an image.</summary>
    public required long MostAfter { get; init; }

    /// <summary>A box that overlaps a better one by more (intersection / union) is dropped.</summary>
    public required float Overlap { get; init; }

    /// <summary>What offsets of centres are divided by.</summary>
    public float CoordinateScale { get; init; } = 1;

    /// <summary>What offsets of sizes are divided by.</summary>
    public float SizeScale { get; init; } = 1;

    /// <summary>TensorFlow's form: rows and columns change places, anchors are cut at the image, a box's last pixel is not part of it.</summary>
    public bool IsTensorFlow { get; init; }

    public bool ClipBefore { get; init; } = true;

    public bool ClipAfter { get; init; }

    /// <summary>Whether the output is in parts of the image.</summary>
    public bool Normalize { get; init; }

    /// <summary>SimplerNMS: boxes that are too small or have no score above 0 are dropped, and of equal scores the later is the better.</summary>
    public bool IsSimple { get; init; }

    /// <summary>What the last coordinate lacks to a box's end.</summary>
    public float LastPixel => IsTensorFlow ? 0 : 1;
}
