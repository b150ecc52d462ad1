using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>SSD's default boxes over the cells of one feature map, as the PriorBox layers compute them.</summary>
internal sealed record PriorBoxes
{
    private const float SameRatio = 1e-6f;

    /// <summary>Side lengths of the square boxes, in pixels of the image.</summary>
    public required float[] MinSizes { get; init; }

    /// <summary>For each of the first min sizes: one more square, of side sqrt(min * max).</summary>
    public required float[] MaxSizes { get; init; }

    /// <summary>Width / height of further boxes.</summary>
    public required float[] AspectRatios { get; init; }

    /// <summary>Whether each ratio comes with its reciprocal.</summary>
    public required bool Flip { get; init; }

    /// <summary>Whether boxes are cut at the image's border.</summary>
    public required bool Clip { get; init; }

    /// <summary>Pixels between cells; 0: image size / map size on each axis, with an offset of one half.</summary>
    public required float Step { get; init; }

    /// <summary>Where a box's centre is in its cell.</summary>
    public required float Offset { get; init; }

    /// <summary>What a decoder scales offsets by: four numbers, one for all, or none for 0.1.</summary>
    public required float[] Variances { get; init; }

    /// <summary>Whether every min size has all ratios; if not, only the first has, after the last.</summary>
    public required bool RatiosForEachSize { get; init; }

    /// <summary>Whether the box of the max size comes before those of the ratios.</summary>
    public bool MaxSizeFirst { get; init; } = true;

    /// <summary>Sides of boxes that are repeated on a finer grid in each cell.</summary>
    public float[] FixedSizes { get; init; } = [];

    public float[] FixedRatios { get; init; } = [];

    /// <summary>For each fixed size: how many times a cell is divided on each axis.</summary>
    public float[] Densities { get; init; } = [];

    /// <summary>Boxes (xmin, ymin, xmax, ymax, from 0 to 1) of all cells row by row, then as many variances.</summary>
    public float[] Generate(int mapWidth, int mapHeight, int imageWidth, int imageHeight)
    {
        if (Variances.Length is not (0 or 1 or 4))
            throw new LayerException($"{Variances.Length} variances are not 1 or 4");
        if (FixedSizes.Length > 0 && Densities.Length < FixedSizes.Length)
            throw new LayerException($"{FixedSizes.Length} fixed sizes have {Densities.Length} densities");
        if (Densities.Any(static d => d is not (>= 1 and <= 64)))
            throw new LayerException("a density is not from 1 to 64");

        float[] ratios = Ratios();
        (float stepX, float stepY) = Step == 0 ? ((float)imageWidth / mapWidth, (float)imageHeight / mapHeight) : (Step, Step);
        float offset = Step == 0 ? 0.5f : Offset;
        var boxes = new List<float>();
        for (int row = 0; row < mapHeight; row++)
        {
            for (int column = 0; column < mapWidth; column++)
            {
                var cell = new Cell(boxes, (column + offset) * stepX, (row + offset) * stepY, imageWidth, imageHeight);
                AddFixedSizes(cell, ratios);
                AddSizes(cell, ratios);
            }
        }

        if (Clip)
        {
            for (int i = 0; i < boxes.Count; i++)
                boxes[i] = Math.Clamp(boxes[i], 0, 1);
        }

        int count = boxes.Count;
        for (int i = 0; i < count; i++)
            boxes.Add(Variances.Length switch { 0 => 0.1f, 1 => Variances[0], _ => Variances[i % 4] });
        return [.. boxes];
    }

    /// <summary>How many boxes a cell has, for a bound on the work before it is done.</summary>
    public long BoxesPerCell()
    {
        long ratios = 1 + (2L * AspectRatios.Length) + FixedRatios.Length;
        double grid = 1 + Densities.Sum(static d => (double)d * d);
        return checked((long)((MinSizes.Length * (ratios + 1)) + (FixedSizes.Length * ratios * grid)));
    }

    private float[] Ratios()
    {
        var ratios = new List<float>();
        foreach (float ratio in AspectRatios)
        {
            if (ratio is not > 0)
                throw new LayerException($"aspect ratio {ratio} is not above 0");
            if (Math.Abs(ratio - 1) < SameRatio || ratios.Exists(known => Math.Abs(known - ratio) < SameRatio))
                continue;
            ratios.Add(ratio);
            if (Flip)
                ratios.Add(1 / ratio);
        }

        return [.. ratios];
    }

    private void AddSizes(Cell cell, float[] ratios)
    {
        for (int i = 0; i < MinSizes.Length; i++)
        {
            cell.Add(MinSizes[i], MinSizes[i]);
            bool withRatios = RatiosForEachSize || i == MinSizes.Length - 1;
            if (withRatios && !MaxSizeFirst)
                AddRatios();
            if (i < MaxSizes.Length)
                cell.Add(MathF.Sqrt(MinSizes[i] * MaxSizes[i]), MathF.Sqrt(MinSizes[i] * MaxSizes[i]));
            if (withRatios && MaxSizeFirst)
                AddRatios();

            void AddRatios()
            {
                float size = MinSizes[RatiosForEachSize ? i : 0];
                foreach (float ratio in ratios)
                    cell.Add(size * MathF.Sqrt(ratio), size / MathF.Sqrt(ratio));
            }
        }
    }

    private void AddFixedSizes(Cell cell, float[] ratios)
    {
        for (int i = 0; i < FixedSizes.Length; i++)
        {
            float size = FixedSizes[i];
            int density = (int)Densities[i];
            if (FixedRatios.Length > 0)
            {
                foreach (float ratio in FixedRatios)
                    cell.AddGrid(size, size * MathF.Sqrt(ratio), size / MathF.Sqrt(ratio), density);
                continue;
            }

            cell.AddGrid(size, (int)size, (int)size, density);
            foreach (float ratio in ratios)
                cell.AddGrid(size, size * MathF.Sqrt(ratio), size / MathF.Sqrt(ratio), density);
        }
    }

    private readonly record struct Cell(List<float> Boxes, float CenterX, float CenterY, int ImageWidth, int ImageHeight)
    {
        public void Add(float width, float height)
        {
            Boxes.Add((CenterX - (width / 2)) / ImageWidth);
            Boxes.Add((CenterY - (height / 2)) / ImageHeight);
            Boxes.Add((CenterX + (width / 2)) / ImageWidth);
            Boxes.Add((CenterY + (height / 2)) / ImageHeight);
        }

        /// <summary>Boxes on a grid of density x density; the engines cut its distances to whole pixels and the boxes at the border.</summary>
        public void AddGrid(float size, float width, float height, int density)
        {
            int shift = (int)(size / density);
            float first = (shift / 2f) - ((int)size / 2);
            for (int row = 0; row < density; row++)
            {
                for (int column = 0; column < density; column++)
                {
                    float x = CenterX + first + (column * shift);
                    float y = CenterY + first + (row * shift);
                    Boxes.Add(Math.Max((x - (width / 2)) / ImageWidth, 0));
                    Boxes.Add(Math.Max((y - (height / 2)) / ImageHeight, 0));
                    Boxes.Add(Math.Min((x + (width / 2)) / ImageWidth, 1));
                    Boxes.Add(Math.Min((y + (height / 2)) / ImageHeight, 1));
                }
            }
        }
    }
}
