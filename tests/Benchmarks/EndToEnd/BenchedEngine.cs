using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.Native.OpenVino;
using EdgeInference.Service.Engines;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary>The engine that is measured, and the loads that it is measured at without a service around it.</summary>
internal abstract class BenchedEngine
{
    /// <summary>One, half as many as, as many as, and one more than there are processors.</summary>
    protected static int[] Counts { get; } =
        [.. new[] { 1, Environment.ProcessorCount / 2, Environment.ProcessorCount, Environment.ProcessorCount + 1 }.Where(static count => count > 0).Distinct()];

    public static BenchedEngine OnnxRuntime { get; } = new OnnxRuntimeUnderTest();

    /// <summary>What a sweep tries.</summary>
    public abstract IReadOnlyList<EngineLoad> Loads { get; }

    /// <summary>Whether inference shares the processors with decoding; else the device sets a bound of its own.</summary>
    public abstract bool RunsOnCpu { get; }

    /// <summary>How the service compiles a model by default.</summary>
    public abstract EngineOptions ServiceOptions { get; }

    /// <exception cref="InferenceException">OpenVINO is not there.</exception>
    public static BenchedEngine OpenVino(string device, InferencePrecision precision) => new OpenVinoUnderTest(device, precision);

    public abstract InferenceModel Read(string path);

    public abstract IInferenceEngine Load(InferenceModel model, EngineOptions options);

    /// <summary>The options of a stream of the service, for its environment.</summary>
    public abstract IEnumerable<(string Key, string Value)> Settings { get; }

    /// <summary>Runs the same input again and again: for a while to warm up, then measured.</summary>
    public abstract Task<Sample> MeasureAsync(InferenceModel model, Tensor input, EngineLoad load, TimeSpan warmUp, TimeSpan duration);

    private sealed class OnnxRuntimeUnderTest : BenchedEngine
    {
        private readonly OnnxRuntimeEngineFactory _factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

        public override IReadOnlyList<EngineLoad> Loads { get; } =
        [
            .. from threads in Counts
               where threads <= Environment.ProcessorCount
               from requests in Counts
               select new EngineLoad(threads, requests),
        ];

        public override bool RunsOnCpu => true;

        public override EngineOptions ServiceOptions { get; } = new();

        public override IEnumerable<(string Key, string Value)> Settings => [("Engine", "OnnxRuntime")];

        public override InferenceModel Read(string path) => ModelFile.Read(path);

        public override IInferenceEngine Load(InferenceModel model, EngineOptions options) => _factory.Load(model, options);

        public override async Task<Sample> MeasureAsync(InferenceModel model, Tensor input, EngineLoad load, TimeSpan warmUp, TimeSpan duration)
        {
            using IInferenceEngine engine = Load(model, load.Options);
            using var loop = new RequestLoop(model, engine, load.Requests, input);
            await loop.RunAsync(warmUp);
            var meter = new Meter();
            return meter.Read(await loop.RunAsync(duration));
        }
    }

    private sealed class OpenVinoUnderTest : BenchedEngine
    {
        private const int AllThreads = 0;

        private readonly OpenVinoEngineFactory _factory = new(NullLogger<OpenVinoEngineFactory>.Instance);
        private readonly OpenVinoRuntime _runtime;

        public OpenVinoUnderTest(string device, InferencePrecision precision)
        {
            _runtime = _factory.Open();

            RunsOnCpu = DeviceString.Parse(device).IsCpuOnly(new Lazy<IReadOnlyList<string>>(() => _runtime.DeviceNames));

            // As the service does on the CPU.
            ServiceOptions = new EngineOptions
            {
                Device = device,
                Precision = precision == InferencePrecision.Auto && RunsOnCpu ? InferencePrecision.F32 : precision,
            };
        }

        public override IReadOnlyList<EngineLoad> Loads =>
        [
            new EngineLoad(ServiceOptions with { Performance = PerformanceHint.Latency }, 1),
            new EngineLoad(ServiceOptions, 0),
            .. from threads in Counts.Where(threads => RunsOnCpu && threads < Environment.ProcessorCount).Prepend(AllThreads)
               from requests in Counts.Append(2 * Environment.ProcessorCount).Distinct()
               select new EngineLoad(ServiceOptions with { Threads = threads }, requests),
        ];

        public override bool RunsOnCpu { get; }

        public override EngineOptions ServiceOptions { get; }

        public override IEnumerable<(string Key, string Value)> Settings =>
        [
            ("Engine", "OpenVino"),
            ("Device", ServiceOptions.Device),
            ("InferencePrecision", ServiceOptions.Precision.ToString()),
        ];

        public override InferenceModel Read(string path) => ModelFile.Read(path, new ModelFileOptions { Engine = ModelEngine.OpenVino, FloatInterface = true });

        public override IInferenceEngine Load(InferenceModel model, EngineOptions options) => _factory.Load(model, options);

        public override Task<Sample> MeasureAsync(InferenceModel model, Tensor input, EngineLoad load, TimeSpan warmUp, TimeSpan duration) => Task.Run(() =>
        {
            using var loop = new OpenVinoLoop(_runtime, model, load, input);
            loop.Run(warmUp);
            var meter = new Meter();
            return meter.Read(loop.Run(duration));
        });
    }
}
