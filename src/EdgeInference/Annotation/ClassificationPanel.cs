using System.Globalization;
using EdgeInference.Functions.Classification;

namespace EdgeInference.Annotation;

/// <summary>The best candidates in a darkened panel at the upper left: name, probability and a bar of its length.</summary>
internal static class ClassificationPanel
{
    private const int MaxRows = 5;
    private const int ShadeOpacity = Canvas.Opaque * 5 / 8;

    public static void Draw(Canvas canvas, TextRenderer text, ClassificationResult result)
    {
        (string Label, Candidate Candidate)[] rows = Rows(result);
        if (rows.Length == 0)
            return;
        int margin = Scaled(text, 3), bar = PixelRect.EvenAbove(Scaled(text, 1.5));
        int rowHeight = PixelRect.EvenAbove(text.CapitalHeight + text.Descent + bar + margin);
        int numbers = rows.Max(row => text.Measure(Number(row.Candidate)));
        int gap = Scaled(text, 6);
        int room = canvas.Width - (4 * margin) - numbers - gap;
        int names = rows.Max(row => text.Measure(text.Shorten(row.Label, room)));
        int inner = PixelRect.EvenAbove(Math.Max(names + gap + numbers, Scaled(text, 80)));

        int left = PixelRect.EvenAbove(margin), top = left;
        PixelRect panel = PixelRect.At(left, top, inner + (2 * PixelRect.EvenAbove(margin)), (rows.Length * rowHeight) + PixelRect.EvenAbove(margin));
        canvas.Fill(panel, canvas.Color(RgbColor.Black), ShadeOpacity);
        for (int i = 0; i < rows.Length; i++)
        {
            PixelRect area = PixelRect.At(left + PixelRect.EvenAbove(margin), top + PixelRect.EvenAbove(margin) + (i * rowHeight), inner, rowHeight);
            DrawRow(canvas, text, area, bar, text.Shorten(rows[i].Label, room), rows[i].Candidate);
        }
    }

    private static void DrawRow(Canvas canvas, TextRenderer text, PixelRect area, int bar, string label, Candidate candidate)
    {
        YuvColor ink = canvas.Color(RgbColor.White);
        string number = Number(candidate);
        text.Write(canvas, label, area.Left, area.Top, ink);
        text.Write(canvas, number, area.Right - text.Measure(number), area.Top, ink);

        float part = float.IsNaN(candidate.Probability) ? 0 : Math.Clamp(candidate.Probability, 0, 1);
        int barTop = PixelRect.EvenAbove(area.Top + text.CapitalHeight + text.Descent);
        PixelRect track = area with { Top = barTop, Bottom = barTop + bar };
        canvas.Fill(track, ink, Canvas.Opaque / 8);
        canvas.Fill(track with { Right = track.Left + PixelRect.EvenAbove((int)(track.Width * part)) }, canvas.Color(Palette.ForClass(candidate.ClassId)));
    }

    /// <summary>Five lines shared by the outputs; with several of them a line begins with the output's name.</summary>
    private static (string Label, Candidate Candidate)[] Rows(ClassificationResult result)
    {
        int each = Math.Max(1, MaxRows / Math.Max(1, result.Outputs.Count));
        return
        [
            .. result.Outputs
                .SelectMany(output => output.Candidates.Take(each).Select(candidate =>
                    (result.Outputs.Count > 1 ? $"{output.Output}: {candidate.Label}" : candidate.Label, candidate)))
                .Take(MaxRows),
        ];
    }

    private static string Number(Candidate candidate) => candidate.Probability.ToString("0.00", CultureInfo.InvariantCulture);

    private static int Scaled(TextRenderer text, double dots) => (int)Math.Round(dots * text.Pitch);
}
