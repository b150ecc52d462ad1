namespace EdgeInference.Models.Graphs;

internal sealed partial class GraphBuilder
{
    /// <param name="x">[N, C, height, width].</param>
    /// <param name="grid">[N, height, width, 2]: x and y of each result in the image, from -1 to 1.</param>
    /// <param name="mode">bilinear, bicubic or nearest.</param>
    /// <param name="padding">What lies outside the image: zeros, border or reflection.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the outer pixels' centres, not their outer edges.</param>
    public Value GridSample(Value x, Value grid, string mode, string padding, bool alignCorners)
    {
        if (x.Rank != 4 || grid.Rank != 4 || grid.Shape[3] != 2 || !Shapes.Agree([x.Shape[0]], [grid.Shape[0]]))
            throw new LayerException($"a grid {Shapes.Describe(grid.Shape)} does not fit images {Shapes.Describe(x.Shape)}");
        return Add(
            "GridSample",
            [x, grid],
            SameType(x, grid),
            [x.Shape[0], x.Shape[1], grid.Shape[1], grid.Shape[2]],
            ("mode", mode),
            ("padding_mode", padding),
            ("align_corners", alignCorners ? 1L : 0L));
    }
}
