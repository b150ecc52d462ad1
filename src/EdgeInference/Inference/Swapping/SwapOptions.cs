namespace EdgeInference.Inference.Swapping;

/// <summary>What a new model has to stand.</summary>
public sealed record SwapOptions
{
    /// <summary>So many times the time of an inference of the model in use it may take; 0: as long as it likes.</summary>
    public double TimeFactor { get; init; } = 3;

    /// <summary>How long reading and compiling it may take.</summary>
    public TimeSpan CompileTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an inference may take at all.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
