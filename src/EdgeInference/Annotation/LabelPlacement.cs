namespace EdgeInference.Annotation;

/// <summary>Finds the place of a label by its box: above, below or inside, inside the frame and off the other labels.</summary>
internal static class LabelPlacement
{
    /// <param name="box">The object's box, inside the frame.</param>
    /// <param name="width">Width of the label.</param>
    /// <param name="height">Height of the label.</param>
    /// <param name="frame">The whole frame.</param>
    /// <param name="taken">The labels placed so far.</param>
    public static PixelRect Place(PixelRect box, int width, int height, PixelRect frame, IReadOnlyList<PixelRect> taken)
    {
        int left = Within(box.Left, width, frame.Right);
        int right = Within(PixelRect.EvenBelow(box.Right - width), width, frame.Right);
        ReadOnlySpan<PixelRect> places =
        [
            PixelRect.At(left, box.Top - height, width, height),
            PixelRect.At(left, box.Bottom, width, height),
            PixelRect.At(left, box.Top, width, height),
            PixelRect.At(right, box.Top - height, width, height),
            PixelRect.At(right, box.Bottom, width, height),
            PixelRect.At(left, PixelRect.EvenBelow(box.Bottom - height), width, height),
        ];
        foreach (PixelRect place in places)
        {
            if (place.Top >= 0 && place.Bottom <= frame.Bottom && !taken.Any(place.Overlaps))
                return place;
        }

        return PixelRect.At(left, Within(box.Top - height, height, frame.Bottom), width, height);
    }

    private static int Within(int start, int size, int end) => Math.Clamp(start, 0, Math.Max(0, PixelRect.EvenBelow(end - size)));
}
