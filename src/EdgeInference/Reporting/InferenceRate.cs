namespace EdgeInference.Reporting;

/// <summary>
/// The reports' inference_fps: frames since the last report for each second with a request in flight. Where reports
/// follow each other closely the figure is that of the last tenth of such a second: results that end together are
/// handed on together, so between two of them there may be no time at all.
/// </summary>
internal sealed class InferenceRate
{
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromSeconds(0.1);

    private long _frames;
    private TimeSpan _busy;
    private double _framesPerSecond;

    /// <param name="frames">Frames inferred since the start.</param>
    /// <param name="busy">Time with a request in flight since the start.</param>
    public double Measure(long frames, TimeSpan busy)
    {
        TimeSpan span = busy - _busy;
        if (span <= TimeSpan.Zero || (span < ShortestSpan && _framesPerSecond > 0))
            return _framesPerSecond;
        _framesPerSecond = (frames - _frames) / span.TotalSeconds;
        (_frames, _busy) = (frames, busy);
        return _framesPerSecond;
    }
}
