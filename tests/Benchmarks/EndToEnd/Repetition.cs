namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>Everything measured once, one after another, so that ratios compare what ran under the same conditions.</summary>
internal sealed record Repetition(Sample DecodeToNull, Sample DecodeToPipe, Sample Engine, ServiceSample[] Services, bool SharesProcessors)
{
    /// <summary>Streams side by side, for each of <see cref="Services"/>.</summary>
    public static readonly int[] StreamCounts = [1, 2, 4];

    /// <summary>Frames a second that the processors allow for, when decoding and inference share them and nothing else runs.</summary>
    public double Bound => BoundWith(DecodeToPipe);

    /// <summary>The same, as if pictures came from the decoder for nothing.</summary>
    public double StricterBound => BoundWith(DecodeToNull);

    /// <summary>CPU time a frame of the service, relative to that of its two unavoidable parts.</summary>
    public double CpuRatio => Services[0].Sample.CpuPerFrame / (DecodeToPipe.CpuPerFrame + Engine.CpuPerFrame);

    public static async Task<Repetition> MeasureAsync(DecodeProbe decoder, BareEngine engine, EngineLoad load, ServiceProbe service, TimeSpan duration, bool sharesProcessors)
    {
        Sample decodeToNull = await decoder.MeasureNullAsync(duration / 2);
        Sample decodeToPipe = await decoder.MeasurePipeAsync(duration / 2);
        Sample bare = await engine.MeasureAsync(load, duration / 2);
        var services = new ServiceSample[StreamCounts.Length];
        for (int i = 0; i < services.Length; i++)
            services[i] = await service.MeasureAsync(StreamCounts[i], duration);
        return new Repetition(decodeToNull, decodeToPipe, bare, services, sharesProcessors);
    }

    private double BoundWith(Sample decode)
    {
        double processors = 1000 * Environment.ProcessorCount / (decode.CpuPerFrame + Engine.CpuPerFrame);
        return SharesProcessors ? processors : Math.Min(processors, Engine.FramesPerSecond);
    }
}
