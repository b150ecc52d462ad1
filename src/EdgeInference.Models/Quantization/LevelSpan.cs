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
        double level = Math.Round((x - (double)InputLow) / ((double)InputHigh - InputLow) * (Levels - 1), MidpointRounding.ToEven);
        return (float)((level / (Levels - 1) * ((double)OutputHigh - OutputLow)) + OutputLow);
    }
}
