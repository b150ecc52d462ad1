namespace EdgeInference.Models.Layers.Common;

/// <summary>How much the elements around a position count in it.</summary>
/// <param name="Radius">How far elements count, in steps of the filter's width.</param>
/// <param name="Weight">An element's weight by its distance, in the same unit.</param>
internal sealed record ResampleFilter(float Radius, Func<float, float> Weight)
{
    /// <summary>Linear interpolation.</summary>
    public static ResampleFilter Triangle { get; } = new(1, static x => MathF.Max(0, 1 - MathF.Abs(x)));

    /// <summary>Cubic convolution (Keys, 1981).</summary>
    /// <param name="a">The slope at distance 1, -0.5 or -0.75 as a rule.</param>
    public static ResampleFilter Cubic(float a) => new(2, x => MathF.Abs(x) switch
    {
        < 1 and var d => ((((a + 2) * d) - (a + 3)) * d * d) + 1,
        < 2 and var d => ((((((d - 5) * d) + 8) * d) - 4) * a),
        _ => 0,
    });

    /// <summary>Elements beyond the ends count as the outermost.</summary>
    public void FillClamped(Span<float> weights, float position)
    {
        (long first, long last) = Reach(position, 1);
        for (long i = first; i <= last; i++)
            weights[(int)Math.Clamp(i, 0, weights.Length - 1)] += Weight(i - position);
    }

    /// <summary>Elements beyond the ends do not count; the weights of the others are brought to a sum of 1.</summary>
    /// <param name="weights">Zeros, which become the weight of each element.</param>
    /// <param name="position">The position.</param>
    /// <param name="width">The filter's unit, in elements.</param>
    public void FillInside(Span<float> weights, float position, float width)
    {
        (long first, long last) = Reach(position, width);
        Span<float> inside = weights[(int)Math.Clamp(first, 0, weights.Length)..(int)Math.Clamp(last + 1, 0, weights.Length)];
        float sum = 0;
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] = Weight((Math.Max(first, 0) + i - position) / width);
            sum += inside[i];
        }

        for (int i = 0; i < inside.Length && sum != 0; i++)
            inside[i] /= sum;
    }

    private (long First, long Last) Reach(float position, float width) =>
        ((long)MathF.Ceiling(position - (Radius * width)), (long)MathF.Floor(position + (Radius * width)));
}
