using EdgeInference.Frames;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;

namespace EdgeInference.Annotation;

/// <summary>
/// Draws a result onto the frame it was found in, in place. Lines and letters grow with the frame's height. Used by
/// one caller at a time: it keeps the letters of the last size.
/// </summary>
public sealed class FrameAnnotator
{
    private TextRenderer? _text;

    /// <exception cref="ArgumentException">The result is of a kind that cannot be drawn.</exception>
    public void Draw(Frame frame, InferenceResult result)
    {
        var canvas = new Canvas(frame);
        TextRenderer text = TextFor(frame.Height);
        switch (result)
        {
            case DetectionResult detection:
                DetectionDrawing.Draw(canvas, text, detection);
                break;
            case ClassificationResult classification:
                ClassificationPanel.Draw(canvas, text, classification);
                break;
            default:
                throw new ArgumentException($"A {result.GetType().Name} cannot be drawn.", nameof(result));
        }
    }

    /// <summary>Capitals take a fortieth of the height, and at least 7 pixels.</summary>
    private TextRenderer TextFor(int frameHeight)
    {
        double pitch = Math.Max(1, frameHeight / 280.0);
        if (_text is null || _text.Pitch != pitch)
            _text = new TextRenderer(pitch);
        return _text;
    }
}
