using EdgeInference.Inference;
using EdgeInference.Models.Graphs;
using EdgeInference.Models.Tests.Graphs;

namespace EdgeInference.Models.Tests.Layers.Common;

/// <summary>Proposals, against plain loops.</summary>
public sealed class ProposalTests
{
    private const int Height = 4;
    private const int Width = 5;
    private const int Anchors = 6;
    private const int Rows = 40;
    private static readonly float[] Ratios = [0.5f, 1, 2];
    private static readonly float[] Scales = [1, 3];

    [Theory]
    [InlineData("", true, false, false)]
    [InlineData("", false, true, true)]
    [InlineData("tensorflow", true, false, false)]
    [InlineData("tensorflow", false, true, true)]
    public async Task Build_TwoImages_EqualsPlainLoops(string framework, bool clipBefore, bool clipAfter, bool normalize)
    {
        var random = new Random(2);
        float[] scores = Many(2 * 2 * Anchors * Height * Width, static r => r.NextSingle());
        float[] offsets = Many(2 * 4 * Anchors * Height * Width, static r => r.NextSingle() - 0.5f);
        var layer = new LoneLayer("Proposal", 4)
        {
            Attributes = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["base_size"] = "16",
                ["feat_stride"] = "16",
                ["min_size"] = "12",
                ["ratio"] = "0.5,1,2",
                ["scale"] = "1,3",
                ["pre_nms_topn"] = "60",
                ["post_nms_topn"] = "40",
                ["nms_thresh"] = "0.4",
                ["framework"] = framework,
                ["box_coordinate_scale"] = "2",
                ["box_size_scale"] = "4",
                ["normalize"] = $"{normalize}",
                ["clip_before_nms"] = $"{clipBefore}",
                ["clip_after_nms"] = $"{clipAfter}",
            },
        };
        Tensor input = TestGraph.Floats(scores, 2, 2 * Anchors, Height, Width);
        Constant[] others = [Constant.Floats(offsets, 2, 4 * Anchors, Height, Width), Constant.Floats([64, 80, 1.5f, 2], 1, 4)];

        (long[] shape, float[] regions) = await layer.ComputeAsync(input, 0, others);
        (_, float[] regionScores) = await layer.ComputeAsync(input, 1, others);

        (float[] expected, float[] expectedScores) = Plain(framework is "tensorflow", clipBefore, clipAfter, normalize, scores, offsets);
        Assert.Equal([2 * Rows, 5], shape);
        Assert.Contains(-1, expected);
        Assert.All(expected.Zip(regions), static pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Equal(expectedScores, regionScores);

        float[] Many(int count, Func<Random, float> next) => [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }

    [Fact]
    public void Build_ScoresOfAnotherNumberOfAnchors_AreRefused()
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["base_size"] = "16",
            ["feat_stride"] = "16",
            ["min_size"] = "12",
            ["ratio"] = "1",
            ["scale"] = "1",
            ["pre_nms_topn"] = "60",
            ["post_nms_topn"] = "40",
            ["nms_thresh"] = "0.4",
        };
        Constant[] others = [Constant.Floats(new float[24], 1, 4, 2, 3), Constant.Floats([64, 80, 1], 3)];

        Assert.Equal("scores [1,4,2,3] and offsets [1,4,2,3] do not fit 1 anchors", new LoneLayer("Proposal", 1) { Attributes = attributes }.Refusal([1, 4, 2, 3], others));
        attributes["post_nms_topn"] = "0";
        Assert.Equal("post_nms_topn is '0', not a number above 0", new LoneLayer("Proposal", 1) { Attributes = attributes }.Refusal([1, 2, 2, 3], others));
        attributes["framework"] = "torch";
        Assert.Equal("framework 'torch' is not known", new LoneLayer("Proposal", 1) { Attributes = attributes }.Refusal([1, 2, 2, 3], others));
    }

    private static (float[] Regions, float[] Scores) Plain(bool tensorFlow, bool clipBefore, bool clipAfter, bool normalize, float[] scores, float[] offsets)
    {
        float one = tensorFlow ? 0 : 1;
        var rows = new List<float[]>();
        for (int image = 0; image < 2; image++)
        {
            var boxes = new List<(float[] Box, float Score)>();
            for (int i = 0; i < Height * Width * Anchors; i++)
            {
                (int cell, int anchor) = (i / Anchors, i % Anchors);
                float[] offset = [.. Enumerable.Range(0, 4).Select(k => offsets[(((((image * Anchors) + anchor) * 4) + k) * Height * Width) + cell])];
                float score = scores[((((image * 2) + 1) * Anchors) + anchor) * Height * Width + cell];
                (int x, int y) = tensorFlow ? (cell / Width, cell % Width) : (cell % Width, cell / Width);
                float width = Rounded(MathF.Sqrt(256 / Ratios[anchor / 2]));
                (float halfWidth, float halfHeight) = (((width * Scales[anchor % 2]) - one) / 2, ((Rounded(width * Ratios[anchor / 2]) * Scales[anchor % 2]) - one) / 2);
                float middle = tensorFlow ? 0 : 7.5f;
                float[] box = [(x * 16) + middle - halfWidth, (y * 16) + middle - halfHeight, (x * 16) + middle + halfWidth, (y * 16) + middle + halfHeight];
                if (tensorFlow)
                    box = Within(box, 80, 64);
                (float w, float h) = (box[2] - box[0] + one, box[3] - box[1] + one);
                (float cx, float cy) = ((offset[0] / 2 * w) + box[0] + (w / 2), (offset[1] / 2 * h) + box[1] + (h / 2));
                (w, h) = (MathF.Exp(offset[2] / 4) * w, MathF.Exp(offset[3] / 4) * h);
                box = [cx - (w / 2), cy - (h / 2), cx + (w / 2), cy + (h / 2)];
                if (clipBefore)
                    box = Within(box, 80 - one, 64 - one);
                bool large = box[2] - box[0] + one >= 12 * 2 && box[3] - box[1] + one >= 12 * 1.5f;
                boxes.Add((box, large ? score : 0));
            }

            var kept = new List<(float[] Box, float Score)>();
            foreach ((float[] Box, float Score) candidate in boxes.OrderByDescending(static b => b.Score).Take(60))
            {
                if (kept.Count < Rows && !kept.Exists(other => Overlap(other.Box, candidate.Box) > 0.4f))
                    kept.Add(candidate);
            }

            rows.AddRange(kept.Select(k => (float[])[image, .. Finished(k.Box), k.Score]));
            for (int i = kept.Count; i < Rows; i++)
                rows.Add([i == kept.Count ? -1 : 0, 0, 0, 0, 0, 0]);
        }

        return ([.. rows.SelectMany(static r => r[..5])], [.. rows.Select(static r => r[5])]);

        float Rounded(float x) => tensorFlow ? x : MathF.Round(x, MidpointRounding.AwayFromZero);

        float[] Finished(float[] box)
        {
            float[] cut = clipAfter ? Within(box, 80, 64) : box;
            return normalize ? [cut[0] / 80, cut[1] / 64, cut[2] / 80, cut[3] / 64] : cut;
        }

        float Overlap(float[] a, float[] b)
        {
            float intersection = Math.Max(Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]) + one, 0) * Math.Max(Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]) + one, 0);
            return intersection / (((a[2] - a[0] + one) * (a[3] - a[1] + one)) + ((b[2] - b[0] + one) * (b[3] - b[1] + one)) - intersection);
        }
    }

    private static float[] Within(float[] box, float width, float height) =>
        [Math.Clamp(box[0], 0, width), Math.Clamp(box[1], 0, height), Math.Clamp(box[2], 0, width), Math.Clamp(box[3], 0, height)];
}
