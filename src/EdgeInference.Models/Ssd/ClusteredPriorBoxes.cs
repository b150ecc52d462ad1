using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Ssd;

/// <summary>SSD's default boxes with sizes given one by one, as the PriorBoxClustered layers compute them.</summary>
internal sealed record ClusteredPriorBoxes
{
    public required float[] Widths { get; init; }

    public required float[] Heights { get; init; }

    public required bool Clip { get; init; }

    /// <summary>Pixels between cells; 0: image size / map size.</summary>
    public required float StepX { get; init; }

    public required float StepY { get; init; }

    public required float Offset { get; init; }

    /// <summary>Four numbers, one for all, or none for 0.1.</summary>
    public required float[] Variances { get; init; }

    /// <summary>Boxes (xmin, ymin, xmax, ymax, from 0 to 1) of all cells row by row, then as many variances.</summary>
    public float[] Generate(int mapWidth, int mapHeight, int imageWidth, int imageHeight)
    {
        if (Widths.Length != Heights.Length)
            throw new LayerException($"{Widths.Length} widths and {Heights.Length} heights do not fit together");
        if (Variances.Length is not (0 or 1 or 4))
            throw new LayerException($"{Variances.Length} variances are not 1 or 4");
        float stepX = StepX == 0 ? (float)imageWidth / mapWidth : StepX;
        float stepY = StepY == 0 ? (float)imageHeight / mapHeight : StepY;
        int count = checked(mapWidth * mapHeight * Widths.Length * 4);
        var boxes = new float[checked(count * 2)];
        int at = 0;
        for (int row = 0; row < mapHeight; row++)
        {
            for (int column = 0; column < mapWidth; column++)
            {
                float x = (column + Offset) * stepX;
                float y = (row + Offset) * stepY;
                for (int i = 0; i < Widths.Length; i++)
                {
                    boxes[at++] = Bounded((x - (Widths[i] / 2)) / imageWidth);
                    boxes[at++] = Bounded((y - (Heights[i] / 2)) / imageHeight);
                    boxes[at++] = Bounded((x + (Widths[i] / 2)) / imageWidth);
                    boxes[at++] = Bounded((y + (Heights[i] / 2)) / imageHeight);
                }
            }
        }

        for (int i = 0; i < count; i++)
            boxes[count + i] = Variances.Length switch { 0 => 0.1f, 1 => Variances[0], _ => Variances[i % 4] };
        return boxes;
    }

    private float Bounded(float value) => Clip ? Math.Clamp(value, 0, 1) : value;
}
