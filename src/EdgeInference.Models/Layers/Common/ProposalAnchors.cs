using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The boxes that proposals start from: those of every cell, row by row, in pixels (source: OpenVINO's Proposal-1).</summary>
internal sealed class ProposalAnchors
{
    /// <summary>No real detector has more.</summary>
    private const long Most = 1 << 20;

    private readonly float[] _first;
    private readonly float[] _last;

    public ProposalAnchors(ProposalOptions options, long height, long width)
    {
        List<(float Width, float Height)> sizes = Sizes(options);
        long count = checked(height * width * sizes.Count);
        if (count is < 1 or > Most)
            throw new LayerException($"{sizes.Count} anchors for each of {width} x {height} cells are not possible");
        _first = new float[count * 2];
        _last = new float[count * 2];
        float center = options.IsTensorFlow ? 0 : (options.BaseSize - 1) / 2;
        int at = 0;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                (int across, int down) = options.IsTensorFlow ? (row, column) : (column, row);
                foreach ((float boxWidth, float boxHeight) in sizes)
                {
                    (float halfWidth, float halfHeight) = ((boxWidth - options.LastPixel) / 2, (boxHeight - options.LastPixel) / 2);
                    (float x, float y) = ((across * options.Stride) + center, (down * options.Stride) + center);
                    (_first[at], _first[at + 1]) = (x - halfWidth, y - halfHeight);
                    (_last[at], _last[at + 1]) = (x + halfWidth, y + halfHeight);
                    at += 2;
                }
            }
        }
    }

    public long Count => _first.Length / 2;

    /// <summary>First column and row of each box, [boxes, 2].</summary>
    public Constant First => Constant.Floats(_first, Count, 2);

    /// <summary>Last column and row of each box, [boxes, 2].</summary>
    public Constant Last => Constant.Floats(_last, Count, 2);

    private static List<(float Width, float Height)> Sizes(ProposalOptions options)
    {
        var sizes = new List<(float Width, float Height)>();
        foreach (float ratio in options.Ratios)
        {
            float width = MathF.Sqrt(options.BaseSize * options.BaseSize / ratio);
            if (!options.IsTensorFlow)
                width = MathF.Round(width, MidpointRounding.AwayFromZero);
            float height = width * ratio;
            if (!options.IsTensorFlow)
                height = MathF.Round(height, MidpointRounding.AwayFromZero);
            foreach (float scale in options.Scales)
                sizes.Add((width * scale, height * scale));
        }

        return sizes;
    }
}
