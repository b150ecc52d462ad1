using System.Globalization;

namespace EdgeInference.Service.CommandLine.Model;

internal static class FileSize
{
    /// <summary>A number of bytes for people.</summary>
    public static string Describe(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };
}
