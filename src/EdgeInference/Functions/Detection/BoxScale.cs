namespace EdgeInference.Functions.Detection;

/// <summary>
/// Brings a model's boxes to 0..1. Whether they are in pixels of its input is decided once, by the first frame with a
/// box above the threshold: pixels if a coordinate of such a box is above 2 (normalised boxes reach a little over 1).
/// </summary>
internal sealed class BoxScale(int inputWidth, int inputHeight)
{
    private const float LargestNormalised = 2;

    private volatile Unit _unit;

    private enum Unit
    {
        Unknown,
        Normalised,
        Pixels,
    }

    /// <summary>To be called with the largest coordinate of the boxes above the threshold; not when there are none.</summary>
    public void Decide(float largestCoordinate)
    {
        if (_unit == Unit.Unknown)
            _unit = largestCoordinate > LargestNormalised ? Unit.Pixels : Unit.Normalised;
    }

    public Box Normalise(in Box box) => _unit == Unit.Pixels
        ? new Box(box.XMin / inputWidth, box.YMin / inputHeight, box.XMax / inputWidth, box.YMax / inputHeight)
        : box;
}
