using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using EdgeInference.Models.Ssd;
using Perfolizer.Horology;

namespace EdgeInference.Benchmarks.Kernels;

/// <summary>SSD's last layer on one image: priors and classes of real detectors, with few and with many scores above the threshold.</summary>
[Config(typeof(Configuration))]
public class DetectionKernels
{
    private const float Threshold = 0.3f;

    private float[] _locations = [];
    private float[] _scores = [];
    private float[] _priors = [];
    private float[] _rows = [];
    private DetectionSizes _sizes;
    private DetectionDecoder _decoder = null!;

    [ParamsSource(nameof(Heads))]
    public Head Size { get; set; } = null!;

    /// <summary>What part of the scores is above the threshold, not counting the background's, which mostly are.</summary>
    [Params(0.02, 0.5)]
    public double Above { get; set; }

    public static IEnumerable<Head> Heads => [new(46_000, 2), new(2_000, 91), new(16_000, 21)];

    [GlobalSetup]
    public void Setup()
    {
        var options = new DetectionOptions
        {
            Classes = null,
            BackgroundClass = 0,
            TopK = 400,
            KeepTopK = 200,
            ConfidenceThreshold = Threshold,
            OverlapThreshold = 0.45f,
            CenterSize = true,
            ShareLocation = true,
            VarianceEncoded = false,
            ClipBefore = false,
            ClipAfter = false,
            DecreaseLabel = false,
            Normalized = true,
            ImageWidth = 1,
            ImageHeight = 1,
            ObjectnessThreshold = 0,
        };
        _decoder = new DetectionDecoder(options);
        _sizes = new DetectionSizes(1, Size.Priors, Size.Classes, PriorsPerImage: false, Rows: options.KeepTopK);
        var random = new Random(1);
        _locations = [.. Enumerable.Range(0, Size.Priors * 4).Select(_ => random.NextSingle() - 0.5f)];
        _scores = [.. Enumerable.Range(0, Size.Priors * Size.Classes).Select(i => Score(random, isBackground: i % Size.Classes == 0))];
        _priors = [.. Enumerable.Range(0, Size.Priors).SelectMany(_ => Prior(random)), .. Enumerable.Repeat(0.1f, Size.Priors * 4)];
        _rows = new float[_sizes.Rows * DetectionDecoder.RowLength];
    }

    [Benchmark]
    public void Decode() => _decoder.Run(
        _sizes,
        new DetectionOperands { Locations = _locations, Scores = _scores, Priors = _priors },
        _rows);

    private float Score(Random random, bool isBackground) => random.NextDouble() < (isBackground ? 0.95 : Above)
        ? Threshold + (random.NextSingle() * (1 - Threshold))
        : random.NextSingle() * Threshold;

    private static float[] Prior(Random random)
    {
        (float x, float y, float size) = (random.NextSingle(), random.NextSingle(), 0.02f + (random.NextSingle() / 5));
        return [x, y, x + size, y + size];
    }

    /// <summary>The sizes of a detector's head.</summary>
    public sealed record Head(int Priors, int Classes)
    {
        public override string ToString() => $"{Priors}x{Classes}";
    }

    private sealed class Configuration : ManualConfig
    {
        public Configuration()
        {
            AddJob(Job.Default.WithLaunchCount(1).WithWarmupCount(3).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(150)));
            AddDiagnoser(MemoryDiagnoser.Default);
            AddColumn(StatisticColumn.Min, StatisticColumn.Median);
        }
    }
}
