namespace EdgeInference.Models.Quantization;

/// <summary>The bounds of a FakeQuantize for one element.</summary>
internal readonly record struct LevelSpan(float InputLow, float InputHigh, float OutputLow, float OutputHigh, int Levels)
{
    /// <summary>The quantised value: the low output for what is not above both input bounds, the high one for what is above both.</summary>
    public float Apply(float x)
    {
        if (x <= MathF.Min(InputLow, InputHigh))
            return OutputLow;
        if (x > MathF.Max(InputLow, InputHigh))
            return OutputHigh;
        return (float)(((double)Level(x) / (Levels - 1) * ((double)OutputHigh - OutputLow)) + OutputLow);
    }

    /// <summary>The level that a value goes to, counted from the low bound; the bounds must differ.</summary>
    public int Level(float x) =>
        (int)Math.Clamp(Math.Round((x - (double)InputLow) / ((double)InputHigh - InputLow) * (Levels - 1), MidpointRounding.ToEven), 0, Levels - 1);
}
