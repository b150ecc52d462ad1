using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Caching;
using EdgeInference.Service.Engines;
using EdgeInference.TestSupport;

namespace EdgeInference.Service.Tests.Engines;

public sealed class SharedModelsTests
{
    private static readonly string s_path = TestData.InRepository("models/parts-classifier/parts-classifier.xml");

    private readonly CountingFactory _factory = new();
    private readonly SharedModels _shared = new();
    private readonly ModelLoader _loader;
    private readonly ModelUse _use;

    public SharedModelsTests()
    {
        _loader = new ModelLoader(_factory);
        _use = new ModelUse(s_path, _loader.KeyOf(s_path, new ModelFileOptions())!, ModelEngine.OnnxRuntime, new EngineOptions());
    }

    [Fact]
    public async Task Get_ManyAtOnce_CompilesOnceAndReleasesWithTheLast()
    {
        using var gate = new Barrier(8);
        (LoadedModel Model, SharedEngine Engine)[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.SignalAndWait();
                return Get();
            },
            TaskCreationOptions.LongRunning)));

        CountingEngine engine = Assert.Single(_factory.Engines);
        Assert.Single(all.Select(static one => one.Model).Distinct());
        Assert.Equal(8, all.Select(static one => one.Engine).Distinct().Count());
        foreach ((_, SharedEngine shared) in all)
        {
            Assert.False(engine.IsDisposed);
            shared.Dispose();
        }

        Assert.True(engine.IsDisposed);
    }

    [Fact]
    public void Get_ReleasedByAll_CompilesAgain()
    {
        Get().Engine.Dispose();

        using SharedEngine again = Get().Engine;

        Assert.Equal(2, _factory.Engines.Count);
    }

    [Fact]
    public void Get_EngineHasFailed_CompilesOneForAllThatComeNow()
    {
        (LoadedModel model, SharedEngine failed) = Get();
        using SharedEngine unaware = Get().Engine;
        failed.MarkFailed();

        using SharedEngine next = _shared.Get(_use, () => model).Engine;
        using SharedEngine another = _shared.Get(_use, () => model).Engine;
        failed.Dispose();

        Assert.Equal(2, _factory.Engines.Count);
        Assert.False(next.HasFailed);
        Assert.False(_factory.Engines[0].IsDisposed);
    }

    [Fact]
    public void Get_OtherOptionsOrContent_CompilesForEach()
    {
        using SharedEngine one = Get().Engine;
        using SharedEngine other = _shared.Get(_use with { Options = new EngineOptions { ThreadsPerRequest = 2 } }, Read).Engine;
        ModelKey key = _loader.KeyOf(s_path, new ModelFileOptions { IntegerKernels = IntegerKernels.Never })!;
        using SharedEngine third = _shared.Get(_use with { Content = key }, Read).Engine;

        Assert.Equal(3, _factory.Engines.Count);
    }

    /// <summary>Those that wait are told what went wrong; those that come later try again.</summary>
    [Fact]
    public async Task Get_CompilationFails_AllThatWaitAreTold()
    {
        using var compiling = new ManualResetEventSlim();
        using var fail = new ManualResetEventSlim();
        Task<Exception> first = FailAsync(() =>
        {
            compiling.Set();
            Assert.True(fail.Wait(TimeSpan.FromMinutes(1)));
            throw new ModelException("no good");
        });
        Assert.True(compiling.Wait(TimeSpan.FromMinutes(1)));
        Task<Exception> second = FailAsync(Read);
        fail.Set();

        Assert.Equal("no good", (await first).Message);

        // Which may have come too late to wait.
        Exception? told = await second;
        Assert.True(told is null or ModelException { Message: "no good" });
        using SharedEngine later = Get().Engine;
        Assert.NotNull(later);
    }

    private (LoadedModel Model, SharedEngine Engine) Get() => _shared.Get(_use, Read);

    private LoadedModel Read() => _loader.Read(s_path, new ModelFileOptions());

    private Task<Exception> FailAsync(Func<LoadedModel> read) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                _shared.Get(_use, read).Engine.Dispose();
                return null!;
            }
            catch (ModelException exception)
            {
                return (Exception)exception;
            }
        },
        TaskCreationOptions.LongRunning);

    private sealed class CountingFactory : IInferenceEngineFactory
    {
        private readonly Lock _lock = new();

        public List<CountingEngine> Engines { get; } = [];

        public string Name => "counting";

        public string Fingerprint => "counting 1";

        public IInferenceEngine Load(InferenceModel model, EngineOptions options)
        {
            var engine = new CountingEngine();
            lock (_lock)
                Engines.Add(engine);
            return engine;
        }
    }

    private sealed class CountingEngine : IInferenceEngine
    {
        public bool IsDisposed { get; private set; }

        public string Description => "counting";

        public IReadOnlyList<TensorInfo> Inputs => [];

        public IReadOnlyList<TensorInfo> Outputs => [];

        public int OptimalRequests => 1;

        public IInferenceRequest CreateRequest() => throw new NotSupportedException();

        public void Dispose() => IsDisposed = true;
    }
}
