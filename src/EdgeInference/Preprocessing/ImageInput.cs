using EdgeInference.Inference;

namespace EdgeInference.Preprocessing;

/// <summary>A model's input read as a picture; null sizes are those of the frame.</summary>
internal sealed record ImageInput(TensorElementType ElementType, bool IsNhwc, int Channels, int? Height, int? Width)
{
    /// <summary>True where each channel is a plane of its own.</summary>
    public bool IsPlanar => !IsNhwc || Channels == 1;

    /// <exception cref="ModelException">The input is no picture that a frame can be made into.</exception>
    public static ImageInput Create(TensorInfo input, PreprocessingOptions options)
    {
        if (input.ElementType is not (TensorElementType.Float32 or TensorElementType.UInt8))
            throw Refuse(input, "its elements must be Float32 or UInt8");
        if (input.Shape is not [1 or -1, _, _, _])
            throw Refuse(input, "it must have four dimensions, and the first, the batch, must be 1 or dynamic");

        bool isNhwc = options.Layout switch
        {
            TensorLayout.Nchw => false,
            TensorLayout.Nhwc => true,
            _ => !IsChannelCount(input.Shape[1]),
        };
        long channels = input.Shape[isNhwc ? 3 : 1];
        if (!IsChannelCount(channels))
            throw Refuse(input, options.Layout == TensorLayout.Auto
                ? "its second or last dimension, the channels, must be 3 or 1"
                : $"in the layout {options.Layout} its channels must be 3 or 1");
        if (channels == 1 && Math.Max(options.Mean.Length, options.Scale.Length) > 1)
            throw Refuse(input, "it has one channel, but Mean or Scale has several values");

        int first = isNhwc ? 1 : 2;
        return new(input.ElementType, isNhwc, (int)channels, Size(input, first), Size(input, first + 1));
    }

    private static bool IsChannelCount(long dimension) => dimension is 3 or 1;

    private static int? Size(TensorInfo input, int dimension) => input.Shape[dimension] switch
    {
        -1 => null,
        long size and > 0 and <= short.MaxValue => (int)size,
        _ => throw Refuse(input, $"its height and width must be 1 to {short.MaxValue} or dynamic"),
    };

    private static ModelException Refuse(TensorInfo input, string reason) =>
        new($"The input {input} cannot take a picture: {reason}.{(input.IsStatic ? "" : " Model:InputShape gives the sizes that the file leaves open.")}");
}
