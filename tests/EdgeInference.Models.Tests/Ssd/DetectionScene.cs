using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Tests.Ssd;

/// <summary>Operands of a DetectionOutput layer: boxes crowded enough to suppress each other, scores that repeat.</summary>
internal sealed record DetectionScene(float[] Locations, float[] Scores, float[] Priors, float[] Objectness, float[] Refinement)
{
    public DetectionOperands Operands => new()
    {
        Locations = Locations,
        Scores = Scores,
        Priors = Priors,
        Objectness = Objectness,
        Refinement = Refinement,
    };

    public static DetectionScene Random(DetectionOptions options, DetectionSizes sizes, int seed, bool refined = false)
    {
        var random = new Random(seed);
        int boxes = sizes.Batch * sizes.Priors;
        int locations = boxes * 4 * (options.ShareLocation ? 1 : sizes.Classes);
        IEnumerable<float> priors = Enumerable.Range(0, sizes.PriorsPerImage ? sizes.Batch : 1).SelectMany(_ => Boxes(options, sizes.Priors, random));
        return new DetectionScene(
            Many(locations, static r => r.NextSingle() - 0.5f),
            Many(boxes * sizes.Classes, static r => r.Next(64) / 64f * r.Next(2)),
            [.. priors],
            refined ? Many(boxes * 2, static r => r.NextSingle()) : [],
            refined ? Many(locations, static r => r.NextSingle() - 0.5f) : []);

        float[] Many(int count, Func<Random, float> next) => [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }

    /// <summary>Boxes and, where there are any, variances; of those in pixels the last few are none.</summary>
    private static List<float> Boxes(DetectionOptions options, int count, Random random)
    {
        (float width, float height) = options.Normalized ? (1, 1) : (options.ImageWidth, options.ImageHeight);
        var boxes = new List<float>();
        for (int i = 0; i < count; i++)
        {
            if (!options.Normalized)
                boxes.Add(i > count - 3 ? -1 : 0);
            (float x, float y, float size) = (random.NextSingle(), random.NextSingle(), 0.1f + (random.NextSingle() / 3));
            boxes.AddRange([x * width, y * height, (x + size) * width, (y + size) * height]);
        }

        if (!options.VarianceEncoded)
        {
            boxes.AddRange(Enumerable.Range(0, count * 4).Select(static i => i % 4 < 2 ? 0.1f : 0.2f));
            boxes.AddRange(Enumerable.Repeat(0f, (options.PriorSize - 4) * count));
        }

        return boxes;
    }
}
