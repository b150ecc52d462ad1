using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using EdgeInference.Frames;
using EdgeInference.Inference;
using EdgeInference.Preprocessing;
using EdgeInference.Preprocessing.Kernels;
using EdgeInference.Tests.Preprocessing;
using Perfolizer.Horology;

namespace EdgeInference.Benchmarks.Kernels;

/// <summary>One frame into the input of a model: the kernel on each vector width beside the scalar reference.</summary>
[Config(typeof(Configuration))]
public class PreprocessingKernels
{
    private readonly Tensor _tensor = new(TensorElementType.Float32, 1);
    private readonly PreprocessingOptions _options = new() { Mean = [127.5f], Scale = [0.007843f] };
    private readonly Dictionary<string, Preprocessor> _preprocessors = [];
    private Frame _frame = null!;
    private double[] _expected = [];

    [ParamsSource(nameof(Sizes))]
    public FrameToInput Size { get; set; } = null!;

    public static IEnumerable<FrameToInput> Sizes =>
    [
        new(768, 432, 672, 384),
        new(768, 432, 227, 227),
        new(1920, 1080, 300, 300),
        new(640, 360, 320, 192),
    ];

    /// <summary>Those that this processor has.</summary>
    public static IEnumerable<string> VectorWidths =>
        Enum.GetValues<SimdLevel>().Where(static level => level <= SimdLevels.Best).Select(static level => level.ToString());

    [GlobalSetup]
    public void Setup()
    {
        _frame = new FramePool().Rent(Size.Width, Size.Height);
        new Random(1).NextBytes(_frame.Data.Span);
        _expected = new double[3 * Size.InputWidth * Size.InputHeight];
        var input = new TensorInfo("data", TensorElementType.Float32, [1, 3, Size.InputHeight, Size.InputWidth]);
        foreach (string vectors in VectorWidths)
            _preprocessors[vectors] = new Preprocessor(_options, input, Enum.Parse<SimdLevel>(vectors));
    }

    [Benchmark(Baseline = true)]
    public void Reference() =>
        ReferencePreprocessor.Run(_frame, _options, 3, Size.InputWidth, Size.InputHeight, isNhwc: false, _expected);

    [Benchmark]
    [ArgumentsSource(nameof(VectorWidths))]
    public void Kernel(string vectors) => _preprocessors[vectors].Run(_frame, _tensor);

    /// <summary>Bytes of I420 read and of the tensor written for a frame.</summary>
    public sealed record FrameToInput(int Width, int Height, int InputWidth, int InputHeight)
    {
        public int Bytes => Frame.SizeOf(Width, Height) + (3 * sizeof(float) * InputWidth * InputHeight);

        public override string ToString() => $"{Width}x{Height} -> {InputWidth}x{InputHeight}";
    }

    private sealed class Configuration : ManualConfig
    {
        public Configuration()
        {
            // Short, so that all of it takes about two minutes.
            AddJob(Job.Default.WithLaunchCount(1).WithWarmupCount(3).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(150)));
            AddDiagnoser(MemoryDiagnoser.Default);
            AddColumn(StatisticColumn.Min, StatisticColumn.Median, new ThroughputColumn());
        }
    }

    /// <summary>Megabytes (10^6) a second, read and written, in the median iteration.</summary>
    private sealed class ThroughputColumn : IColumn
    {
        public string Id => nameof(ThroughputColumn);

        public string ColumnName => "MB/s";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "Bytes of I420 read and of the tensor written, in 10^6 a second, median";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var size = (FrameToInput)benchmarkCase.Parameters[nameof(Size)];
            double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
            return nanoseconds is null ? "?" : (size.Bytes * 1e3 / nanoseconds.Value).ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}
