using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeEngineFactoryTests
{
    private static readonly OnnxRuntimeEngineFactory s_factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    [Fact]
    public void Load_AnyDevice_DescribesWhatRuns()
    {
        using IInferenceEngine engine = s_factory.Load(
            TestModels.Affine(1), new EngineOptions { Device = "HETERO:FPGA,CPU", ThreadsPerRequest = 2 });

        Assert.Matches(@"^ONNX Runtime 1\.\d+\.\d+, CPU, threads per request: 2$", engine.Description);
    }

    [Fact]
    public void Load_NegativeThreads_Refuses() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => s_factory.Load(TestModels.Affine(1), new EngineOptions { ThreadsPerRequest = -1 }));

    [Fact]
    public void Load_Throughput_TakesARequestForEachProcessor()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1), new EngineOptions());

        Assert.EndsWith("threads per request: 1", engine.Description, StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, engine.OptimalRequests);
    }

    [Fact]
    public void Load_Latency_TakesOneRequestWithAllProcessors()
    {
        using IInferenceEngine engine = s_factory.Load(TestModels.Affine(1), new EngineOptions { Performance = PerformanceHint.Latency });

        Assert.EndsWith($"threads per request: {Environment.ProcessorCount}", engine.Description, StringComparison.Ordinal);
        Assert.Equal(1, engine.OptimalRequests);
    }

    [Fact]
    public void Load_DamagedModel_NamesTheFile()
    {
        InferenceModel good = TestModels.Affine(1);
        InferenceModel damaged = new()
        {
            Name = good.Name,
            Path = "/models/damaged.onnx",
            Format = good.Format,
            Onnx = good.Onnx[..^7],
            Inputs = good.Inputs,
            Outputs = good.Outputs,
        };

        ModelException exception = Assert.Throws<ModelException>(() => s_factory.Load(damaged, new EngineOptions()));

        Assert.StartsWith("/models/damaged.onnx: ONNX Runtime: CreateSessionFromArray failed (", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_UnknownOperator_NamesIt()
    {
        InferenceModel model = new OnnxModelBuilder()
            .Input("x", TensorElementType.Float32, 1)
            .Node("NoSuchOperator", ["x"], ["y"])
            .Output("y", TensorElementType.Float32, 1)
            .Build("/models/odd.onnx");

        ModelException exception = Assert.Throws<ModelException>(() => s_factory.Load(model, new EngineOptions()));

        Assert.StartsWith("/models/odd.onnx: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("NoSuchOperator", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_LibraryMissing_SaysWhatWasTried()
    {
        OnnxRuntimeEngineFactory factory = new(NullLogger<OnnxRuntimeEngineFactory>.Instance, "/nowhere/libonnxruntime.so.1");

        InferenceException exception = Assert.Throws<InferenceException>(() => factory.Load(TestModels.Affine(1), new EngineOptions()));

        Assert.Contains("EDGEINFERENCE_ONNXRUNTIME", exception.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/libonnxruntime.so.1: no such file", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_LibraryConfigured_TakesThatOne()
    {
        OnnxRuntimeEngineFactory factory = new(
            NullLogger<OnnxRuntimeEngineFactory>.Instance, Path.Combine(AppContext.BaseDirectory, "libonnxruntime.so.1"));

        using IInferenceEngine engine = factory.Load(TestModels.Affine(1), new EngineOptions());

        Assert.Single(engine.Outputs);
    }

    [Fact]
    public void Load_ModelWithAnOddity_TellsTheLoggerAndNotTheConsole()
    {
        ListLogger logger = new();
        OnnxRuntimeEngineFactory factory = new(logger);

        // An initializer that nothing reads makes ONNX Runtime warn.
        InferenceModel model = new OnnxModelBuilder()
            .Input("x", TensorElementType.Float32, 1)
            .Constant("unread", [1], 1)
            .Node("Relu", ["x"], ["y"])
            .Output("y", TensorElementType.Float32, 1)
            .Build();
        using IInferenceEngine engine = factory.Load(model, new EngineOptions());

        (LogLevel level, string message) = Assert.Single(logger.Entries, static entry => entry.Message.Contains("unread", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Debug, level);
        Assert.StartsWith("ONNX Runtime: ", message, StringComparison.Ordinal);
    }

    private sealed class ListLogger : ILogger<OnnxRuntimeEngineFactory>
    {
        private readonly List<(LogLevel Level, string Message)> _entries = [];

        public IReadOnlyList<(LogLevel Level, string Message)> Entries
        {
            get
            {
                lock (_entries)
                    return [.. _entries];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_entries)
                _entries.Add((logLevel, formatter(state, exception)));
        }
    }

    [Fact]
    public void Load_WithPathForTheOptimizedModel_WritesOneThatRunsToo()
    {
        string path = Path.Combine(Path.GetTempPath(), $"optimisé-{Guid.NewGuid():N}.onnx");
        try
        {
            using (s_factory.Load(TestModels.Affine(1), new EngineOptions { OptimizedModelPath = path }))
            {
                InferenceModel model = TestModels.Affine(1);
                InferenceModel optimized = new()
                {
                    Name = model.Name,
                    Path = path,
                    Format = model.Format,
                    Onnx = File.ReadAllBytes(path),
                    Inputs = model.Inputs,
                    Outputs = model.Outputs,
                };
                using IInferenceEngine engine = s_factory.Load(optimized, new EngineOptions());

                Assert.Equal("x", Assert.Single(engine.Inputs).Name);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Load_OptimizedModelCannotBeWritten_SaysWhy()
    {
        ModelException exception = Assert.Throws<ModelException>(
            () => s_factory.Load(TestModels.Affine(1), new EngineOptions { OptimizedModelPath = "/no/such/folder/model.onnx" }));

        Assert.Contains("/no/such/folder/model.onnx", exception.Message, StringComparison.Ordinal);
    }
}
