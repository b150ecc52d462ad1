using EdgeInference.Models.Graphs;

namespace EdgeInference.Models.Layers.Common;

/// <summary>An axis that gets another size.</summary>
internal sealed record ResizedAxis
{
    /// <summary>No real image, volume or sequence is larger.</summary>
    private const long LargestSize = 1 << 20;

    /// <param name="axis">Which one.</param>
    /// <param name="size">Its size.</param>
    /// <param name="newSize">The size it gets.</param>
    public ResizedAxis(int axis, long size, long newSize)
        : this(axis, size, newSize, (float)newSize / size)
    {
    }

    private ResizedAxis(int axis, long size, long newSize, float scale)
    {
        if (size < 0)
            throw new LayerException($"resizing axis {axis}, whose size is not known at load, is not supported");
        if (size is 0 or > LargestSize || newSize is < 1 or > LargestSize)
            throw new LayerException($"axis {axis} of size {size} cannot be resized to {newSize}");

        // The engines leave alone what does not change size, whatever the scale.
        (Axis, Size, NewSize, Scale) = (axis, size, newSize, size == newSize ? 1 : scale);
    }

    public int Axis { get; }

    public long Size { get; }

    public long NewSize { get; }

    public float Scale { get; }

    /// <summary>Old elements for each new one.</summary>
    public float Step => (float)Size / NewSize;

    /// <summary>Whether the scale is nothing but the sizes' ratio.</summary>
    public bool ScaleIsRatio => Scale.Equals((float)NewSize / Size);

    /// <summary>Whether the scale, taken alone, gives the new size.</summary>
    public bool ScaleGivesSize => (long)(Scale * Size) == NewSize;

    /// <summary>The axis for a scale: the new size is rounded down.</summary>
    public static ResizedAxis ByScale(int axis, long size, float scale) =>
        scale > 0 && size * scale <= LargestSize
            ? new(axis, size, (long)MathF.Floor(size * scale), scale)
            : throw new LayerException($"axis {axis} of size {size} cannot be scaled by {scale}");

    /// <summary>Where a new element lies on the old axis. In single precision, as the engines compute it, since nearest modes round it.</summary>
    public float Position(long index, CoordinateMode mode)
    {
        if (Scale == 1)
            return index;
        return mode switch
        {
            CoordinateMode.HalfPixel => ((index + 0.5f) / Scale) - 0.5f,
            CoordinateMode.PytorchHalfPixel => NewSize > 1 ? ((index + 0.5f) / Scale) - 0.5f : 0,
            CoordinateMode.Asymmetric => index / Scale,
            CoordinateMode.TfHalfPixelForNn => (index + 0.5f) / Scale,
            _ => NewSize > 1 ? index * ((float)(Size - 1) / (NewSize - 1)) : 0,
        };
    }
}
