using System.Globalization;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>How much the soak tests do: EDGEINFERENCE_SOAK_FRAMES, or a short slice.</summary>
internal static class SoakFrames
{
    public static bool IsSoak => Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_FRAMES") is not null;

    public static long Count(long slice) =>
        long.TryParse(Environment.GetEnvironmentVariable("EDGEINFERENCE_SOAK_FRAMES"), NumberStyles.None, CultureInfo.InvariantCulture, out long frames)
            ? Math.Max(frames, slice)
            : slice;
}
