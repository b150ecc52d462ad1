using System.Globalization;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>How long the soak tests keep a state up, such as an outage: EDGEINFERENCE_SOAK_SECONDS, or a short slice.</summary>
internal static class SoakSeconds
{
    public static TimeSpan Span(int slice) => TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? Math.Max(seconds, slice)
            : slice);
}
