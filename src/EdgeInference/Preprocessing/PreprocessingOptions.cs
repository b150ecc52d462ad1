namespace EdgeInference.Preprocessing;

/// <summary>The order of the colour channels in a tensor.</summary>
public enum ColorOrder
{
    Bgr,
    Rgb,
}

/// <summary>Where the channels lie in a tensor: planes (NCHW) or pixels (NHWC).</summary>
public enum TensorLayout
{
    Auto,
    Nchw,
    Nhwc,
}

/// <summary>How a frame becomes the input of a stream's model: tensor = (level - mean) * scale, levels being 0..255.</summary>
public sealed partial class PreprocessingOptions
{
    /// <summary>Order of the channels. Default Bgr. Without effect on a model with one channel, which gets luma.</summary>
    public ColorOrder ColorOrder { get; set; } = ColorOrder.Bgr;

    /// <summary>
    /// Subtracted from the levels: none (default, 0), one value for all channels, or one for each of three in the order
    /// of <see cref="ColorOrder"/>. Finite.
    /// </summary>
    public float[] Mean { get; set; } = [];

    /// <summary>
    /// Multiplies what is left after <see cref="Mean"/>: none (default, 1), one value for all channels, or one for each
    /// of three in the order of <see cref="ColorOrder"/>. Finite and not 0.
    /// </summary>
    public float[] Scale { get; set; } = [];

    /// <summary>
    /// Layout of the model's input. Default Auto: NCHW where the second of four dimensions is 3 or 1, else NHWC where
    /// the last is.
    /// </summary>
    public TensorLayout Layout { get; set; } = TensorLayout.Auto;

    internal float MeanOf(int channel) => ValueOf(Mean, channel, 0);

    internal float ScaleOf(int channel) => ValueOf(Scale, channel, 1);

    private static float ValueOf(float[] values, int channel, float none) => values.Length switch
    {
        0 => none,
        1 => values[0],
        _ => values[channel],
    };
}
