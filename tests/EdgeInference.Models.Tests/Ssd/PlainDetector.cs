using EdgeInference.Models.Ssd;

namespace EdgeInference.Models.Tests.Ssd;

/// <summary>DetectionOutput of one image with shared locations, written for reading: the measure for the fast one.</summary>
internal static class PlainDetector
{
    public static float[][] Run(DetectionOptions options, float[] locations, float[] scores, float[] priors)
    {
        var kept = new List<(int Label, int Prior, float Score, float[] Box)>();
        for (int label = 0; label < options.Classes; label++)
        {
            if (label == options.BackgroundClass)
                continue;
            var candidates = Enumerable.Range(0, options.Priors)
                .Select(prior => (Label: label, Prior: prior, Score: scores[(prior * options.Classes) + label], Box: Decode(locations, priors, prior, options.Priors)))
                .Where(candidate => candidate.Score > options.ConfidenceThreshold)
                .OrderByDescending(static candidate => candidate.Score)
                .Take(options.TopK < 0 ? int.MaxValue : options.TopK);
            foreach (var candidate in candidates)
            {
                if (!kept.Exists(other => other.Label == label && Overlap(other.Box, candidate.Box) > options.OverlapThreshold))
                    kept.Add(candidate);
            }
        }

        if (options.KeepTopK >= 0)
            kept = [.. kept.OrderByDescending(static d => d.Score).ThenBy(static d => d.Prior).Take(options.KeepTopK).OrderBy(static d => d.Label).ThenByDescending(static d => d.Score).ThenBy(static d => d.Prior)];
        return [.. kept.Select(static d => (float[])[0, d.Label, d.Score, .. d.Box])];
    }

    private static float[] Decode(float[] locations, float[] priors, int prior, int count)
    {
        float[] p = priors[(prior * 4)..((prior * 4) + 4)];
        float[] v = priors[((count + prior) * 4)..((count + prior + 1) * 4)];
        float[] l = locations[(prior * 4)..((prior * 4) + 4)];
        (float width, float height) = (p[2] - p[0], p[3] - p[1]);
        float x = (l[0] * v[0] * width) + ((p[0] + p[2]) / 2);
        float y = (l[1] * v[1] * height) + ((p[1] + p[3]) / 2);
        float halfWidth = MathF.Exp(l[2] * v[2]) * width / 2;
        float halfHeight = MathF.Exp(l[3] * v[3]) * height / 2;
        return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
    }

    private static float Overlap(float[] a, float[] b)
    {
        float width = Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]);
        float height = Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]);
        float intersection = width > 0 && height > 0 ? width * height : 0;
        return intersection / (((a[2] - a[0]) * (a[3] - a[1])) + ((b[2] - b[0]) * (b[3] - b[1])) - intersection);
    }
}
