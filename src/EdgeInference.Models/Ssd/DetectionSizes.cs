using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>The sizes of one run of a DetectionOutput layer.</summary>
/// <param name="Batch">Images.</param>
/// <param name="Priors">Priors of an image.</param>
/// <param name="Classes">Classes with the background.</param>
/// <param name="PriorsPerImage">Whether each image has priors of its own.</param>
/// <param name="Rows">Rows of the output, all images together.</param>
internal readonly record struct DetectionSizes(int Batch, int Priors, int Classes, bool PriorsPerImage, int Rows)
{
    private const int MostClasses = 1 << 20;

    /// <summary>No real detector has more rows, or as many numbers in an operand.</summary>
    private const long MostRows = 1 << 24;
    private const long MostNumbers = 1 << 28;

    /// <summary>The shapes of the last two operands are empty where there are only three.</summary>
    /// <exception cref="LayerException">The operands do not fit together.</exception>
    public static DetectionSizes Of(
        DetectionOptions options,
        ReadOnlySpan<long> locations,
        ReadOnlySpan<long> scores,
        ReadOnlySpan<long> priors,
        ReadOnlySpan<long> objectness,
        ReadOnlySpan<long> refinement)
    {
        if (locations.Length != 2 || scores.Length != 2 || priors.Length != 3)
            throw new LayerException($"its inputs have {locations.Length}, {scores.Length} and {priors.Length} dimensions, not 2, 2 and 3");
        long batch = locations[0];
        long count = priors[2] / options.PriorSize;
        long classes = options.Classes ?? (count > 0 ? scores[1] / count : 0);
        bool possible = batch is >= 1 and <= MostRows && count is >= 1 and <= MostNumbers && classes is >= 1 and <= MostClasses && batch * count <= MostNumbers / classes;
        if (!possible
            || priors[2] != count * options.PriorSize
            || priors[1] < (options.VarianceEncoded ? 1 : 2)
            || (priors[0] != 1 && priors[0] != batch)
            || locations[1] != count * 4 * (options.ShareLocation ? 1 : classes)
            || scores[0] != batch
            || scores[1] != count * classes)
        {
            throw new LayerException($"locations {Describe(locations)}, scores {Describe(scores)} and priors {Describe(priors)} do not fit {classes} classes");
        }

        if (!objectness.IsEmpty && !(objectness.SequenceEqual([batch, count * 2]) && refinement.SequenceEqual(locations)))
            throw new LayerException($"objectness {Describe(objectness)} and refinement {Describe(refinement)} do not fit locations {Describe(locations)}");
        long perImage = options.KeepTopK >= 0 ? options.KeepTopK : (options.TopK >= 0 ? options.TopK : count) * classes;
        if (perImage > MostRows / batch)
            throw new LayerException($"an output of {batch} x {perImage} rows is more than any real detector's");
        return new DetectionSizes((int)batch, (int)count, (int)classes, priors[0] > 1, (int)(batch * perImage));
    }

    private static string Describe(ReadOnlySpan<long> shape) => Shapes.Describe(shape.ToArray());
}
