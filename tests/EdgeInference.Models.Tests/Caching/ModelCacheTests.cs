using System.Collections.Concurrent;
using EdgeInference.Inference;
using EdgeInference.Models.Caching;
using EdgeInference.Models.Tests.Golden;
using EdgeInference.Models.Tests.Ir;
using EdgeInference.Native.OnnxRuntime;
using EdgeInference.TestSupport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Models.Tests.Caching;

public sealed class ModelCacheTests : IDisposable
{
    private const long Limit = 1 << 30;

    private static readonly OnnxRuntimeEngineFactory Engines = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);
    private static readonly ModelFileOptions NoOptions = new();

    private readonly TinyModel _files = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-inference-cache-");
    // Little later than the files that the test writes, so that none looks abandoned.
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow().AddMinutes(1));
    private readonly ListLogger _log = new();

    private string Entry => Assert.Single(_folder.GetFiles()).FullName;

    public void Dispose()
    {
        _files.Dispose();
        if (_folder.Exists)
            _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("parts-detector")]
    [InlineData("parts-classifier")]
    public async Task Read_DemoModelAgain_GivesTheSameBitsFromTheCache(string name) =>
        await AssertSameAsync(TestData.InRepository($"models/{name}/{name}.xml"));

    [DataFact]
    public async Task Read_RealModelsAgain_GivesTheSameBitsFromTheCache()
    {
        int compared = 0;
        foreach (string xml in Directory.GetFiles(TestData.Path("models"), "*.xml", SearchOption.AllDirectories))
        {
            try
            {
                await AssertSameAsync(xml);
                compared++;
            }
            catch (ModelException)
            {
                // Not supported, and so not cached either.
            }
        }

        Assert.True(compared > 5, $"Only {compared} models were compared.");
    }

    [Fact]
    public async Task Read_OnnxFileAgain_GivesTheSameBitsFromTheCache()
    {
        string onnx = Path.ChangeExtension(_files.Xml, ".onnx");
        await File.WriteAllBytesAsync(onnx, ModelFile.Convert(TestData.InRepository("models/parts-detector/parts-detector.xml")).Onnx.ToArray());

        await AssertSameAsync(onnx);
    }

    [Fact]
    public void Read_WeightsHaveChanged_ReadsTheFile()
    {
        Load();
        byte[] weights = TinyModel.Weights;
        weights[0] ^= 1;
        File.WriteAllBytes(_files.Bin, weights);

        Assert.False(Load());
        Assert.True(Load());
        Assert.Equal(2, _folder.GetFiles().Length);
    }

    [Fact]
    public void Read_OtherOptions_ReadsTheFile()
    {
        Load();

        Assert.False(Load(new ModelFileOptions { IntegerKernels = IntegerKernels.Never }));
        Assert.False(Load(new ModelFileOptions { FloatInterface = true }));
        Assert.False(Load(new ModelFileOptions { InputShapes = new Dictionary<string, long[]>(StringComparer.Ordinal) { [""] = [1, 2, 4, 4] } }));
        Assert.True(Load());
    }

    [Fact]
    public void Read_OtherEngine_ReadsTheFile()
    {
        Load();

        Assert.False(Loader(new OtherEngines()).Read(_files.Xml, NoOptions).IsCached);
    }

    [Fact]
    public void Compile_FilesHaveChangedSinceTheyWereRead_StoresNothing()
    {
        LoadedModel model = Loader().Read(_files.Xml, NoOptions);
        File.WriteAllBytes(_files.Bin, new byte[36]);

        model.Compile(new EngineOptions()).Dispose();

        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Compile_NewModel_LeavesOneFileForItsOwnerAlone()
    {
        Load();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Entry));
        Assert.True(_log.Lines.IsEmpty, string.Join('\n', _log.Lines));
    }

    [Fact]
    public void Compile_FolderIsMissing_MakesItForItsOwnerAlone()
    {
        _folder.Delete();

        Load();

        _folder.Refresh();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.FullName));
    }

    [Fact]
    public void Compile_FolderCannotBeMade_WorksWithoutAndSaysSo()
    {
        _folder.Delete();
        File.WriteAllText(_folder.FullName, "in the way");
        try
        {
            Assert.False(Load());
            Assert.False(Load());
            Assert.NotEmpty(_log.Lines);
        }
        finally
        {
            File.Delete(_folder.FullName);
        }
    }

    [Fact]
    public void Compile_EngineRefusesTheEntry_StoresItAnew()
    {
        Load();
        ModelKey key = ModelKey.Of(_files.Xml, NoOptions, Engines.Fingerprint)!;
        string garbage = Path.Combine(_folder.FullName, "garbage");
        File.WriteAllBytes(garbage, new byte[1000]);
        Cache().Store(key, ModelFile.Read(_files.Xml), garbage);
        File.Delete(garbage);

        Assert.True(Load());
        Assert.Single(_log.Lines);
        Assert.True(Load());
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void Compile_BeyondTheLimit_RemovesWhatWasUnusedForLongest()
    {
        string[] models = [.. Enumerable.Range(0, 3).Select(MakeModel)];
        Load(models[0]);
        long size = new FileInfo(Entry).Length;
        _time.Advance(TimeSpan.FromMinutes(1));
        Load(models[1]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Load(models[0]));
        _time.Advance(TimeSpan.FromMinutes(1));

        Load(models[2], limit: (2 * size) + (size / 2));

        Assert.Equal(2, _folder.GetFiles().Length);
        Assert.True(Load(models[0]));
        Assert.True(Load(models[2]));
        Assert.False(Load(models[1]));
    }

    [Fact]
    public void Compile_FileOfAKilledProcess_IsRemovedAfterAnHour()
    {
        string old = Path.Combine(_folder.FullName, "old.tmp");
        string young = Path.Combine(_folder.FullName, "young.tmp");
        File.WriteAllText(old, "");
        File.WriteAllText(young, "");
        File.SetLastWriteTimeUtc(old, _time.GetUtcNow().AddMinutes(-61).UtcDateTime);
        File.SetLastWriteTimeUtc(young, _time.GetUtcNow().AddMinutes(-59).UtcDateTime);

        Load();

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }

    [Fact]
    public async Task Compile_ManyAtOnce_AllWork()
    {
        using var expected = Loader().Read(_files.Xml, NoOptions).Compile(new EngineOptions());
        _folder.GetFiles().Single().Delete();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 5; i++)
                Load();
        })));

        Assert.True(Load());
        Assert.True(_log.Lines.IsEmpty, string.Join('\n', _log.Lines));
        Assert.EndsWith(".model", Entry, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_DamagedEntry_IsNeverUsed()
    {
        Load();
        string entry = Entry;
        byte[] good = File.ReadAllBytes(entry);
        ModelKey key = ModelKey.Of(_files.Xml, NoOptions, Engines.Fingerprint)!;
        var random = new Random(1);
        int damaged = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = Damage.Bytes(good, random);
            if (random.Next(8) == 0)
                bytes = [.. bytes, .. new byte[random.Next(1, 100)]];
            if (bytes.AsSpan().SequenceEqual(good))
                continue;
            File.WriteAllBytes(entry, bytes);
            Assert.Null(Cache().Find(key, _files.Xml));
            damaged++;
        }

        Assert.Equal(damaged, _log.Lines.Count);
        Assert.False(Load());
        Assert.True(Load());
    }

    [Fact]
    public void Find_EntryOfAnotherModelUnderItsName_IsNotUsed()
    {
        string[] models = [MakeModel(0), MakeModel(1)];
        Load(models[0]);
        string first = Entry;
        Load(models[1]);
        string second = _folder.GetFiles().Single(file => file.FullName != first).FullName;
        File.Copy(first, second, overwrite: true);

        Assert.False(Load(models[1]));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void Read_FilesAreMissing_SaysWhatTheReaderSays()
    {
        File.Delete(_files.Xml);

        Assert.Contains("cannot be read", Assert.Throws<ModelException>(() => Load()).Message, StringComparison.Ordinal);
    }

    private ModelCache Cache(long limit = Limit) => new(_folder.FullName, limit, _time, _log);

    /// <summary>A new .xml whose .bin is still on its way would read any numbers of the old one as its weights.</summary>
    [Fact]
    public void CheckWhole_WeightsAreLongerThanTheModelSays_Throws()
    {
        ModelFile.CheckWhole(_files.Xml);
        File.AppendAllText(_files.Bin, "more");

        var exception = Assert.Throws<ModelException>(() => ModelFile.CheckWhole(_files.Xml));

        Assert.Equal($"{_files.Xml}: its weights end at byte 36 of '{_files.Bin}', which has 40: the two files are not of the same model.", exception.Message);
    }

    private ModelLoader Loader(IInferenceEngineFactory? engines = null, long limit = Limit) => new(engines ?? Engines, Cache(limit));

    /// <returns>Whether the model came from the cache.</returns>
    private bool Load(ModelFileOptions? options = null) => Load(_files.Xml, options: options);

    private bool Load(string path, long limit = Limit, ModelFileOptions? options = null)
    {
        LoadedModel model = Loader(limit: limit).Read(path, options ?? NoOptions);
        using IInferenceEngine engine = model.Compile(new EngineOptions());
        return model.IsCached;
    }

    private string MakeModel(int number)
    {
        string xml = Path.Combine(Path.GetDirectoryName(_files.Xml)!, $"m{number}.xml");
        File.WriteAllText(xml, TinyModel.Text);
        byte[] weights = TinyModel.Weights;
        weights[0] = (byte)number;
        File.WriteAllBytes(Path.ChangeExtension(xml, ".bin"), weights);
        return xml;
    }

    private async Task AssertSameAsync(string path)
    {
        InferenceModel plain = ModelFile.Read(path);
        var inputs = plain.Inputs.Select(static input => new Tensor(input.ElementType, [.. input.Shape])).ToList();
        var random = new Random(1);
        foreach (ref float value in inputs[0].Elements<float>())
            value = random.Next(256);
        IReadOnlyList<Tensor> expected = await ModelRunner.RunAsync(plain, inputs);

        foreach (bool cached in new[] { false, true })
        {
            LoadedModel loaded = Loader().Read(path, NoOptions);
            Assert.Equal(cached, loaded.IsCached);
            Assert.Equal((plain.Name, plain.Path, plain.Format), (loaded.Model.Name, loaded.Model.Path, loaded.Model.Format));
            Assert.Equal(string.Join('\n', plain.Inputs), string.Join('\n', loaded.Model.Inputs));
            Assert.Equal(string.Join('\n', plain.Outputs), string.Join('\n', loaded.Model.Outputs));
            Assert.Equal(plain.DetectionOutputs, loaded.Model.DetectionOutputs);
            using IInferenceEngine engine = loaded.Compile(new EngineOptions());
            IReadOnlyList<Tensor> actual = await ModelRunner.RunAsync(loaded.Model, engine, inputs);
            for (int i = 0; i < expected.Count; i++)
                Assert.True(expected[i].Bytes.SequenceEqual(actual[i].Bytes), $"{path}: output {plain.Outputs[i].Name} differs, cached: {cached}");
        }

        Assert.True(_log.Lines.IsEmpty, string.Join('\n', _log.Lines));
    }

    private sealed class OtherEngines : IInferenceEngineFactory
    {
        public string Name => Engines.Name;

        public string Fingerprint => Engines.Fingerprint + " of another kind";

        public IInferenceEngine Load(InferenceModel model, EngineOptions options) => Engines.Load(model, options);
    }

    private sealed class ListLogger : ILogger<ModelCache>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
