using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Tests.Ssd;

/// <summary>DetectionOutput as the engines' documentation and recorded outputs have it, written for reading: the measure for the fast one.</summary>
internal sealed class PlainDetector(DetectionOptions options, DetectionSizes sizes, DetectionScene scene)
{
    /// <summary>The rows without the end marker.</summary>
    public float[][] Run() => [.. Enumerable.Range(0, sizes.Batch).SelectMany(RunImage)];

    private IEnumerable<float[]> RunImage(int image)
    {
        List<Candidate> kept = options.DecreaseLabel ? KeepBestClasses(image) : KeepEachClass(image);
        if (options.KeepTopK >= 0)
            kept = [.. Ranked(kept).Take(options.KeepTopK)];
        return Ranked(kept).OrderBy(static d => d.Label).Select(d => (float[])
            [image, options.DecreaseLabel ? d.Label - 1 : d.Label, d.Score, .. options.ClipAfter ? Clip(Decode(image, d)) : Decode(image, d)]);
    }

    private List<Candidate> KeepEachClass(int image) =>
    [
        .. Foreground().SelectMany(label => Suppress(image, Best(Priors(image)
            .Select(prior => new Candidate(label, prior, Score(image, prior, label)))
            .Where(candidate => candidate.Score > options.ConfidenceThreshold)))),
    ];

    private List<Candidate> KeepBestClasses(int image)
    {
        IEnumerable<Candidate> best = Priors(image)
            .SelectMany(prior => Foreground()
                .Where(static label => label > 0)
                .Select(label => new Candidate(label, prior, Score(image, prior, label)))
                .Where(static candidate => candidate.Score > -1)
                .OrderByDescending(static candidate => candidate.Score)
                .Take(1))
            .Where(candidate => candidate.Score >= options.ConfidenceThreshold);
        return [.. Best(best).GroupBy(static candidate => candidate.Label).SelectMany(group => Suppress(image, group))];
    }

    private IEnumerable<Candidate> Best(IEnumerable<Candidate> candidates) =>
        Ranked(candidates).Take(options.TopK < 0 ? int.MaxValue : options.TopK);

    private static IEnumerable<Candidate> Ranked(IEnumerable<Candidate> candidates) =>
        candidates.OrderByDescending(static c => c.Score).ThenBy(static c => c.Prior).ThenBy(static c => c.Label);

    private IEnumerable<Candidate> Suppress(int image, IEnumerable<Candidate> ranked)
    {
        var kept = new List<(Candidate Candidate, float[] Box)>();
        foreach (Candidate candidate in ranked)
        {
            float[] box = Decode(image, candidate);
            if (!kept.Exists(other => Overlap(other.Box, box) > options.OverlapThreshold))
                kept.Add((candidate, box));
        }

        return kept.Select(static k => k.Candidate);
    }

    private IEnumerable<int> Foreground() => Enumerable.Range(0, sizes.Classes).Where(label => label != options.BackgroundClass);

    private IEnumerable<int> Priors(int image) => Enumerable.Range(0, sizes.Priors)
        .TakeWhile(prior => options.Normalized || OfImage(scene.Priors, image)[prior * 5] != -1);

    private float Score(int image, int prior, int label) =>
        scene.Objectness.Length > 0 && scene.Objectness[(((image * sizes.Priors) + prior) * 2) + 1] < options.ObjectnessThreshold
            ? 0
            : scene.Scores[(((image * sizes.Priors) + prior) * sizes.Classes) + label];

    private float[] OfImage(float[] priors, int image) => sizes.PriorsPerImage ? priors.Chunk(priors.Length / sizes.Batch).ElementAt(image) : priors;

    private float[] Decode(int image, Candidate candidate)
    {
        float[] priors = OfImage(scene.Priors, image);
        int size = options.Normalized ? 4 : 5;
        float[] box = Four(priors, (candidate.Prior * size) + size - 4);
        float[] variance = options.VarianceEncoded ? [1, 1, 1, 1] : Four(priors, (sizes.Priors * size) + (candidate.Prior * 4));
        int row = options.ShareLocation
            ? (image * sizes.Priors) + candidate.Prior
            : (((image * sizes.Priors) + candidate.Prior) * sizes.Classes) + candidate.Label;
        if (scene.Refinement.Length > 0)
            box = Move(box, variance, Four(scene.Refinement, row * 4));
        return Move(box, variance, Four(scene.Locations, row * 4));
    }

    private static float[] Four(float[] numbers, int at) => numbers[at..(at + 4)];

    private float[] Move(float[] box, float[] variance, float[] offset)
    {
        if (!options.Normalized)
            box = [box[0] / options.ImageWidth, box[1] / options.ImageHeight, box[2] / options.ImageWidth, box[3] / options.ImageHeight];
        float[] scaled = [.. offset.Zip(variance, static (o, v) => o * v)];
        float[] moved = [.. box.Zip(scaled, static (b, s) => b + s)];
        if (options.CenterSize)
        {
            (float width, float height) = (box[2] - box[0], box[3] - box[1]);
            float x = (scaled[0] * width) + ((box[0] + box[2]) / 2);
            float y = (scaled[1] * height) + ((box[1] + box[3]) / 2);
            float halfWidth = MathF.Exp(scaled[2]) * width / 2;
            float halfHeight = MathF.Exp(scaled[3]) * height / 2;
            moved = [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
        }

        return options.ClipBefore ? Clip(moved) : moved;
    }

    private static float[] Clip(float[] box) => [.. box.Select(static v => Math.Clamp(v, 0, 1))];

    private static float Overlap(float[] a, float[] b)
    {
        float width = Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]);
        float height = Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]);
        float intersection = width > 0 && height > 0 ? width * height : 0;
        return intersection / (((a[2] - a[0]) * (a[3] - a[1])) + ((b[2] - b[0]) * (b[3] - b[1])) - intersection);
    }

    private sealed record Candidate(int Label, int Prior, float Score);
}
