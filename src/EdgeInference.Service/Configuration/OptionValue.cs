using System.Globalization;

namespace EdgeInference.Service.Configuration;

/// <summary>Reads one value of the configuration as an option's type.</summary>
internal static class OptionValue
{
    /// <summary>Whether a type is written as one value, rather than as a section of its own.</summary>
    public static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long)
            || type == typeof(float) || type == typeof(double) || type == typeof(TimeSpan);
    }

    /// <returns>False when the text does not fit; <paramref name="allowed"/> then says what does.</returns>
    public static bool TryRead(string text, Type type, out object? value, out string allowed)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        text = type == typeof(string) ? text : text.Trim();
        allowed = Allowed(type);
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) => ReadBoolean(text),
            _ when type == typeof(TimeSpan) => ReadTimeSpan(text),
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int i) ? i : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long l) ? l : null,
            _ when type == typeof(float) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float f) ? f : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) ? d : null,
            _ => ReadEnum(text, type),
        };
        return value is not null;
    }

    /// <summary>What may be written for a type, for people.</summary>
    public static string Allowed(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type));
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "seconds (0.5), 500ms, 10s, 5m, 1h, or hh:mm:ss";
        if (type == typeof(string))
            return "text";
        return type == typeof(int) || type == typeof(long) ? "a whole number" : "a number";
    }

    private static object? ReadBoolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => null,
    };

    private static TimeSpan? ReadTimeSpan(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan clock) ? clock : null;

        (string unit, double seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => ("ms", 0.001),
            _ when text.EndsWith('s') => ("s", 1),
            _ when text.EndsWith('m') => ("m", 60),
            _ when text.EndsWith('h') => ("h", 3600),
            _ => ("", 1.0),
        };
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && Math.Abs(number * seconds) < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(number * seconds)
            : null;
    }

    private static object? ReadEnum(string text, Type type)
    {
        string? name = Enum.GetNames(type).FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : Enum.Parse(type, name);
    }
}
