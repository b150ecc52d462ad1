using System.Globalization;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>A frame that was reported, by the service's clock.</summary>
internal readonly record struct CapturedFrame(DateTime Time, long Number);

/// <summary>How a stream has captured beside that of another service, from its first report to its last. Both play the same video at its own rate.</summary>
/// <param name="Name">The stream.</param>
/// <param name="Frames">Its frames.</param>
/// <param name="ControlFrames">Those of the other.</param>
/// <param name="MostBehind">The frames that it was behind at any of its reports.</param>
internal sealed record CapturePace(string Name, long Frames, long ControlFrames, long MostBehind)
{
    /// <summary>
    /// 4 s of 25 frames: a busy machine costs one or two seconds, and waits for a network are longer (5 s for a connection, 20 s for an
    /// answer). So outages that are shorter than this cannot show here that capture stands still for them.
    /// </summary>
    private const int MostAllowed = 100;

    public static CapturePace Of(string name, IReadOnlyList<CapturedFrame> stream, IReadOnlyList<CapturedFrame> control)
    {
        var pace = new CapturePace(name, 0, 0, 0);
        int next = 0;
        long? first = null;
        foreach (CapturedFrame frame in stream)
        {
            while (next < control.Count && control[next].Time <= frame.Time)
                next++;
            if (next == 0)
                continue;
            long ahead = control[next - 1].Number - frame.Number;
            first ??= ahead;
            long frames = frame.Number - stream[0].Number;
            pace = pace with { Frames = frames, ControlFrames = frames + ahead - first.Value, MostBehind = Math.Max(pace.MostBehind, ahead - first.Value) };
        }

        return pace;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name}: {Frames} frames, the service without publishers {ControlFrames}; {MostBehind} behind at most");

    /// <summary>A control that ends before the stream has nothing to say about the rest.</summary>
    public void AssertKept() => Assert.True(ControlFrames > 0 && ControlFrames >= Frames - MostAllowed && MostBehind <= MostAllowed, ToString());
}
