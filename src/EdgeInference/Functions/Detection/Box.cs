namespace EdgeInference.Functions.Detection;

/// <summary>Corners of a box, normalised to 0..1 unless said otherwise.</summary>
internal readonly record struct Box(float XMin, float YMin, float XMax, float YMax)
{
    /// <summary>False also when a corner is NaN.</summary>
    public bool HasArea => XMax > XMin && YMax > YMin;

    private float Area => (XMax - XMin) * (YMax - YMin);

    public Box Clipped() => new(Clip(XMin), Clip(YMin), Clip(XMax), Clip(YMax));

    /// <summary>Area of the intersection over area of the union; 0 when they do not touch or have no area.</summary>
    public float IntersectionOverUnion(in Box other)
    {
        var common = new Box(
            MathF.Max(XMin, other.XMin), MathF.Max(YMin, other.YMin), MathF.Min(XMax, other.XMax), MathF.Min(YMax, other.YMax));
        return common.HasArea ? common.Area / (Area + other.Area - common.Area) : 0;
    }

    private static float Clip(float value) => Math.Clamp(value, 0f, 1f);
}
