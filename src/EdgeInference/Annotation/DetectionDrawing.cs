using System.Globalization;
using EdgeInference.Functions.Detection;

namespace EdgeInference.Annotation;

/// <summary>A box for each object in its class's colour, and a label with class and confidence.</summary>
internal static class DetectionDrawing
{
    public static void Draw(Canvas canvas, TextRenderer text, DetectionResult result)
    {
        var frame = new PixelRect(0, 0, canvas.Width, canvas.Height);
        int lineWidth = Math.Max(2, PixelRect.EvenAbove(canvas.Height / 320));
        foreach (DetectedObject found in result.Objects)
            canvas.Outline(BoxOf(found, frame), lineWidth, canvas.Color(Palette.ForClass(found.ClassId)));

        // After all boxes, so that no line crosses a label.
        var labels = new List<PixelRect>(result.Objects.Count);
        foreach (DetectedObject found in result.Objects)
            labels.Add(DrawLabel(canvas, text, found, frame, labels));
    }

    private static PixelRect DrawLabel(Canvas canvas, TextRenderer text, DetectedObject found, PixelRect frame, List<PixelRect> taken)
    {
        int margin = (int)Math.Round(2 * text.Pitch);
        string confidence = found.Confidence.ToString(" 0.00", CultureInfo.InvariantCulture);
        string line = text.Shorten(found.Label, frame.Width - (2 * margin) - text.Measure(confidence)) + confidence;
        int width = PixelRect.EvenAbove(text.Measure(line) + (2 * margin));
        int height = PixelRect.EvenAbove(text.CapitalHeight + (text.Descent / 2) + (2 * margin));
        PixelRect label = LabelPlacement.Place(BoxOf(found, frame), width, height, frame, taken);

        RgbColor background = Palette.ForClass(found.ClassId);
        canvas.Fill(label, canvas.Color(background));
        text.Write(canvas, line, label.Left + margin, label.Top + margin, canvas.Color(Palette.InkOn(background)));
        return label;
    }

    /// <summary>The pixels of a box, out to even ones, so that its colour does not bleed into its surroundings.</summary>
    private static PixelRect BoxOf(DetectedObject found, PixelRect frame) => new PixelRect(
        PixelRect.EvenBelow((int)Math.Floor(Math.Clamp(found.XMin, 0, 1) * frame.Width)),
        PixelRect.EvenBelow((int)Math.Floor(Math.Clamp(found.YMin, 0, 1) * frame.Height)),
        PixelRect.EvenAbove((int)Math.Ceiling(Math.Clamp(found.XMax, 0, 1) * frame.Width)),
        PixelRect.EvenAbove((int)Math.Ceiling(Math.Clamp(found.YMax, 0, 1) * frame.Height))).Clip(frame.Right, frame.Bottom);
}
