using EdgeInference.Frames;
using EdgeInference.Preprocessing;

namespace EdgeInference.Tests.Preprocessing;

/// <summary>
/// What <see cref="Preprocessor"/> computes, written to be read: one pixel after another, in double precision. The
/// kernel is tested and measured against it.
/// </summary>
internal static class ReferencePreprocessor
{
    /// <summary>Fills an NCHW or NHWC tensor of one or three channels with values that are not rounded.</summary>
    public static void Run(Frame frame, PreprocessingOptions options, int channels, int width, int height, bool isNhwc, Span<double> tensor)
    {
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    int index = isNhwc ? (((y * width) + x) * channels) + channel : (((channel * height) + y) * width) + x;
                    double mean = options.Mean.Length == 0 ? 0 : options.Mean[options.Mean.Length == 1 ? 0 : channel];
                    double scale = options.Scale.Length == 0 ? 1 : options.Scale[options.Scale.Length == 1 ? 0 : channel];
                    tensor[index] = (Level(frame, options, channels, channel, x, y, width, height) - mean) * scale;
                }
            }
        }
    }

    private static double Level(Frame frame, PreprocessingOptions options, int channels, int channel, int x, int y, int width, int height)
    {
        double centreX = Math.Clamp(((x + 0.5) * frame.Width / width) - 0.5, 0, frame.Width - 1);
        double centreY = Math.Clamp(((y + 0.5) * frame.Height / height) - 0.5, 0, frame.Height - 1);
        double luma = Bilinear(centreX, centreY, frame, (column, row) => frame.Y[(row * frame.Width) + column]);
        double u = Bilinear(centreX, centreY, frame, (column, row) => frame.U[(row / 2 * frame.ChromaWidth) + (column / 2)]);
        double v = Bilinear(centreX, centreY, frame, (column, row) => frame.V[(row / 2 * frame.ChromaWidth) + (column / 2)]);

        (double lumaGain, double chromaGain, double black) =
            frame.Range == ColorRange.Limited ? (255.0 / 219, 255.0 / 224, 16.0) : (1, 1, 0);
        (double kr, double kb) = frame.Matrix == ColorMatrix.Bt709 ? (0.2126, 0.0722) : (0.299, 0.114);
        double gray = lumaGain * (luma - black);
        double red = gray + (2 * (1 - kr) * chromaGain * (v - 128));
        double blue = gray + (2 * (1 - kb) * chromaGain * (u - 128));
        double green = (gray - (kr * red) - (kb * blue)) / (1 - kr - kb);
        double level = channels == 1
            ? gray
            : (channel, options.ColorOrder) switch
            {
                (0, ColorOrder.Bgr) or (2, ColorOrder.Rgb) => blue,
                (1, _) => green,
                _ => red,
            };
        return Math.Clamp(level, 0, 255);
    }

    private static double Bilinear(double x, double y, Frame frame, Func<int, int, byte> sample)
    {
        int left = (int)x;
        int top = (int)y;
        int right = Math.Min(left + 1, frame.Width - 1);
        int bottom = Math.Min(top + 1, frame.Height - 1);
        double upper = sample(left, top) + ((x - left) * (sample(right, top) - sample(left, top)));
        double lower = sample(left, bottom) + ((x - left) * (sample(right, bottom) - sample(left, bottom)));
        return upper + ((y - top) * (lower - upper));
    }
}
