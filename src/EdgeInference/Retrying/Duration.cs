using System.Globalization;

namespace EdgeInference.Retrying;

/// <summary>A span of time that reads well: in the largest unit of which there are two at least, rounded down.</summary>
public readonly record struct Duration(TimeSpan Value)
{
    /// <summary>0.4 s, 90 s, 59 min, 30 h, 12 days.</summary>
    public override string ToString() => Value switch
    {
        { TotalDays: >= 2 } => Whole(Value.TotalDays, "days"),
        { TotalHours: >= 2 } => Whole(Value.TotalHours, "h"),
        { TotalMinutes: >= 2 } => Whole(Value.TotalMinutes, "min"),
        { TotalSeconds: >= 10 } => Whole(Value.TotalSeconds, "s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Value.TotalSeconds:0.0} s"),
    };

    private static string Whole(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count)} {unit}");
}
