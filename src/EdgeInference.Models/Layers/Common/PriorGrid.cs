using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>The sizes of the feature map whose cells get boxes and of the image that the boxes are parts of.</summary>
internal sealed record PriorGrid(int MapWidth, int MapHeight, int ImageWidth, int ImageHeight)
{
    /// <summary>No real detector has more boxes.</summary>
    private const long MostBoxes = 1 << 18;

    public static PriorGrid FromConstants(LayerSource layer)
    {
        if (layer.Input(0).Constant is not { } map || layer.Input(1).Constant is not { } image)
            throw Open();
        return map.ToInts() is [var mapHeight, var mapWidth] && image.ToInts() is [var imageHeight, var imageWidth]
            ? Of(mapWidth, mapHeight, imageWidth, imageHeight)
            : throw new LayerException("its inputs are not a height and a width each");
    }

    public static PriorGrid FromShapes(LayerSource layer)
    {
        if (layer.Input(0).Rank != 4 || layer.Input(1).Rank != 4)
            throw new LayerException("its inputs are not images with four dimensions");
        return Of(layer.Input(0).Shape[3], layer.Input(0).Shape[2], layer.Input(1).Shape[3], layer.Input(1).Shape[2]);
    }

    public void Check(long boxesPerCell)
    {
        if (boxesPerCell < 1 || checked((long)MapWidth * MapHeight * boxesPerCell) > MostBoxes)
            throw new LayerException($"{boxesPerCell} boxes for each of {MapWidth} x {MapHeight} cells are not possible");
    }

    private static PriorGrid Of(long mapWidth, long mapHeight, long imageWidth, long imageHeight)
    {
        long[] sizes = [mapWidth, mapHeight, imageWidth, imageHeight];
        if (sizes.Contains(Shapes.Unknown))
            throw Open();
        return sizes.All(static size => size is > 0 and <= 1 << 20)
            ? new PriorGrid((int)mapWidth, (int)mapHeight, (int)imageWidth, (int)imageHeight)
            : throw new LayerException($"boxes for a map of {mapWidth} x {mapHeight} on an image of {imageWidth} x {imageHeight} are not possible");
    }

    private static LayerException Open() =>
        new("the sizes of its feature map and image are not known when the model is loaded");
}
