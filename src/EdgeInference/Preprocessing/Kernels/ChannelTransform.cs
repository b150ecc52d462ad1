using EdgeInference.Frames;

namespace EdgeInference.Preprocessing.Kernels;

/// <summary>
/// Makes one channel of the tensor from gathered Y, U and V: colour matrix, range, mean and scale folded into
/// clamp(Luma * y + U * u + V * v + Offset, Min, Max), where the limits are the levels 0 and 255 after mean and scale.
/// </summary>
internal readonly record struct ChannelTransform(float Luma, float U, float V, float Offset, float Min, float Max)
{
    /// <summary>One transform for each channel of the tensor: grey, or red, green and blue in the order asked for.</summary>
    public static ChannelTransform[] Create(PreprocessingOptions options, int channels, ColorMatrix matrix, ColorRange range)
    {
        var yuv = YuvToRgb.Create(matrix, range);
        YuvToRgb.Row[] rows = (channels, options.ColorOrder) switch
        {
            (1, _) => [yuv.Gray],
            (_, ColorOrder.Rgb) => [yuv.Red, yuv.Green, yuv.Blue],
            _ => [yuv.Blue, yuv.Green, yuv.Red],
        };
        return [.. rows.Select((row, channel) => Fold(row, options.MeanOf(channel), options.ScaleOf(channel)))];
    }

    private static ChannelTransform Fold(YuvToRgb.Row row, double mean, double scale)
    {
        double gathered = scale / (1 << RowBuffers.GatheredBits);
        double black = -mean * scale;
        double white = (255 - mean) * scale;
        return new(
            (float)(row.Y * gathered),
            (float)(row.U * gathered),
            (float)(row.V * gathered),
            (float)((row.Offset - mean) * scale),
            (float)Math.Min(black, white),
            (float)Math.Max(black, white));
    }
}
