using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing.Kernels;

namespace EdgeInference.Preprocessing;

/// <summary>
/// Makes a frame the input of a model in one pass: converted to RGB, BGR or grey at full resolution, resized (bilinear,
/// half-pixel centres, stretched to the input's size) and normalised. The arithmetic is that of OpenCV's video capture
/// and 8-bit resize on x86, rounding included, so that a model sees bit by bit what it saw there: see
/// <see cref="YuvToRgb"/> and <see cref="BilinearTap"/>. Not thread-safe: tables and row buffers are kept for the last
/// frame size and colour space, and only a change of those allocates.
/// </summary>
public sealed class Preprocessor
{
    private readonly PreprocessingOptions _options;
    private readonly ImageInput _input;
    private readonly SimdLevel _simd;
    private FramePlan? _plan;

    /// <param name="options">Valid options.</param>
    /// <param name="input">
    /// Float32 or UInt8 in four dimensions: batch 1, 3 channels or 1 (luma), height and width; a dynamic height or width
    /// becomes the frame's.
    /// </param>
    /// <exception cref="ModelException">The input has another form.</exception>
    public Preprocessor(PreprocessingOptions options, TensorInfo input)
        : this(options, input, SimdLevels.Best)
    {
    }

    internal Preprocessor(PreprocessingOptions options, TensorInfo input, SimdLevel simd)
    {
        _options = options;
        _input = ImageInput.Create(input, options);
        _simd = simd;
    }

    private Preprocessor(Preprocessor other) => (_options, _input, _simd) = (other._options, other._input, other._simd);

    /// <summary>Width of the model's input in pixels; null when it is the frame's.</summary>
    public int? InputWidth => _input.Width;

    /// <summary>Height of the model's input in pixels; null when it is the frame's.</summary>
    public int? InputHeight => _input.Height;

    /// <summary>One more with the same settings, for another thread.</summary>
    internal Preprocessor Copy() => new(this);

    /// <summary>Fills <paramref name="input"/>, which is resized to the model's input and must have its element type.</summary>
    public void Run(Frame frame, Tensor input)
    {
        if (input.ElementType != _input.ElementType)
            throw new ArgumentException($"The model's input has elements of {_input.ElementType}, this tensor has {input.ElementType}.", nameof(input));
        if (_plan is null || !_plan.Fits(frame))
            _plan = new FramePlan(_input, _options, frame);

        if (_input.IsNhwc)
            input.Resize(1, _plan.Height, _plan.Width, _input.Channels);
        else
            input.Resize(1, _input.Channels, _plan.Height, _plan.Width);

        switch (_simd)
        {
            case SimdLevel.Vector512:
                FramePass<Simd512>.Run(_plan, frame, input);
                break;
            case SimdLevel.Vector256:
                FramePass<Simd256>.Run(_plan, frame, input);
                break;
            default:
                FramePass<Simd128>.Run(_plan, frame, input);
                break;
        }
    }
}
