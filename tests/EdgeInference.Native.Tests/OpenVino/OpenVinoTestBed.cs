using System.Collections.Concurrent;
using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.Tests.OpenVino;

/// <summary>A fake OpenVINO of its own, and an engine factory that uses it.</summary>
internal sealed class OpenVinoTestBed
{
    public OpenVinoTestBed(FakeRelease release = FakeRelease.V2026)
    {
        Fake = new FakeOpenVino(release);
        Factory = new OpenVinoEngineFactory(Log, Fake.Path);
    }

    public FakeOpenVino Fake { get; }

    public OpenVinoEngineFactory Factory { get; }

    public ListLogger Log { get; } = new();

    /// <summary>All releases that can be used.</summary>
    public static TheoryData<FakeRelease> Releases => [FakeRelease.V2023, FakeRelease.V2024, FakeRelease.V2025, FakeRelease.V2026];

    /// <summary>A folder for files of a test, which goes when the process ends.</summary>
    public static string CreateFolder() => FakeOpenVinoCompiler.CreateFolder();

    public IInferenceEngine Load(InferenceModel model, EngineOptions? options = null) => Factory.Load(model, options ?? new EngineOptions());

    /// <summary>Frees the core, which otherwise lives as long as the process, and asserts that nothing else is left and that no rule was broken.</summary>
    public void AssertClean()
    {
        Factory.Open().Core.Dispose();
        AssertNothingLeft();
    }

    public void AssertNothingLeft()
    {
        Assert.Empty(Fake.Violations);
        Assert.Equal(0, Fake.Live);
    }

    public static void AssertOutputs(IInferenceEngine engine, IInferenceRequest request)
    {
        for (int i = 0; i < engine.Outputs.Count; i++)
        {
            (long[] shape, byte[] bytes) = FakeOpenVino.Expected(request.Inputs, engine.Outputs[i], i);
            Assert.Equal(shape, request.Outputs[i].Shape.ToArray());
            Assert.Equal(bytes, request.Outputs[i].Bytes.ToArray());
        }
    }

    /// <summary>Fills the inputs with something that depends on the seed.</summary>
    public static void Fill(IInferenceRequest request, int seed)
    {
        Random random = new(seed);
        foreach (Tensor input in request.Inputs)
            random.NextBytes(input.Bytes);
    }

    /// <summary>Waits for what another thread is about to do.</summary>
    public static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
    }

    internal sealed class ListLogger : ILogger<OpenVinoEngineFactory>
    {
        private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _lines = new();

        public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines => [.. _lines];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
    }
}
