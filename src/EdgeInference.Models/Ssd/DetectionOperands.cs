namespace EdgeInference.Models.Ssd;

/// <summary>The operands of a DetectionOutput layer, of all images or of one.</summary>
internal readonly ref struct DetectionOperands
{
    /// <summary>[batch, priors, classes or 1, 4].</summary>
    public required ReadOnlySpan<float> Locations { get; init; }

    /// <summary>[batch, priors, classes].</summary>
    public required ReadOnlySpan<float> Scores { get; init; }

    /// <summary>[1 or batch, boxes then variances].</summary>
    public required ReadOnlySpan<float> Priors { get; init; }

    /// <summary>[batch, priors, 2]: the second number says how likely there is an object at all. Empty with three operands.</summary>
    public ReadOnlySpan<float> Objectness { get; init; }

    /// <summary>Offsets that move the priors first, as <see cref="Locations"/>. Empty with three operands.</summary>
    public ReadOnlySpan<float> Refinement { get; init; }

    public DetectionOperands OfImage(int image, in DetectionSizes sizes) => new()
    {
        Locations = Part(Locations, image, sizes.Batch),
        Scores = Part(Scores, image, sizes.Batch),
        Priors = sizes.PriorsPerImage ? Part(Priors, image, sizes.Batch) : Priors,
        Objectness = Part(Objectness, image, sizes.Batch),
        Refinement = Part(Refinement, image, sizes.Batch),
    };

    private static ReadOnlySpan<float> Part(ReadOnlySpan<float> all, int index, int count)
    {
        int length = all.Length / count;
        return all.Slice(index * length, length);
    }
}
