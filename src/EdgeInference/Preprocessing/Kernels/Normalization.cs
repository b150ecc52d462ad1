namespace EdgeInference.Preprocessing.Kernels;

/// <summary>Mean and scale of one channel: level * Scale + Offset.</summary>
internal readonly record struct Normalization(float Scale, float Offset)
{
    public static Normalization Create(PreprocessingOptions options, int channel) =>
        new(options.ScaleOf(channel), (float)(-(double)options.MeanOf(channel) * options.ScaleOf(channel)));
}
