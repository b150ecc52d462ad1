using EdgeInference.Inference;
using EdgeInference.Native.OpenVino;
using EdgeInference.TestSupport;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Logging;

namespace EdgeInference.Native.Tests.OpenVino;

public sealed class OpenVinoEngineFactoryTests
{
    [Theory]
    [MemberData(nameof(OpenVinoTestBed.Releases), MemberType = typeof(OpenVinoTestBed))]
    public void Load_AllOptions_PassesThemAsProperties(FakeRelease release)
    {
        OpenVinoTestBed bed = new(release);
        string cache = Path.Combine(OpenVinoTestBed.CreateFolder(), "compiled", "models");
        string way = release == FakeRelease.V2026 ? "props" : "variadic";

        Load(new EngineOptions());
        Assert.Equal($"{way};CPU;PERFORMANCE_HINT=THROUGHPUT", bed.Fake.Compilation);
        Load(new EngineOptions { Device = "AUTO", Precision = InferencePrecision.F16 });
        Assert.Equal($"{way};AUTO;PERFORMANCE_HINT=THROUGHPUT;INFERENCE_PRECISION_HINT=f16", bed.Fake.Compilation);
        Load(new EngineOptions { Performance = PerformanceHint.Latency, Precision = InferencePrecision.Bf16, Threads = 3 });
        Assert.Equal($"{way};CPU;PERFORMANCE_HINT=LATENCY;INFERENCE_PRECISION_HINT=bf16;INFERENCE_NUM_THREADS=3", bed.Fake.Compilation);
        Load(new EngineOptions { Device = "MULTI:CPU", Precision = InferencePrecision.F32, Threads = 12, CacheDirectory = cache });
        Assert.Equal($"{way};MULTI:CPU;PERFORMANCE_HINT=THROUGHPUT;INFERENCE_PRECISION_HINT=f32;INFERENCE_NUM_THREADS=12;CACHE_DIR={cache}", bed.Fake.Compilation);
        Assert.Single(Directory.GetFiles(cache));
        bed.AssertClean();

        void Load(EngineOptions options) => bed.Load(OpenVinoTestModels.Small(), options).Dispose();
    }

    /// <summary>A new option that is a property must be set here, too: so the most that one model can be given has gone through every release.</summary>
    [Theory]
    [MemberData(nameof(OpenVinoTestBed.Releases), MemberType = typeof(OpenVinoTestBed))]
    public void Load_EveryOptionAtOnce_GoesThrough(FakeRelease release)
    {
        OpenVinoTestBed bed = new(release);
        EngineOptions everything = new()
        {
            Device = "AUTO",
            Performance = PerformanceHint.Latency,
            Precision = InferencePrecision.F32,
            ThreadsPerRequest = 2,
            Threads = 3,
            CacheDirectory = OpenVinoTestBed.CreateFolder(),
            OptimizedModelPath = "/nowhere/for-onnx-runtime.onnx",
        };
        EngineOptions defaults = new();
        Assert.All(typeof(EngineOptions).GetProperties(), option => Assert.NotEqual(option.GetValue(defaults), option.GetValue(everything)));

        bed.Load(OpenVinoTestModels.Small(), everything).Dispose();

        IEnumerable<string> properties = OvCompiler.PropertiesOf(everything, bed.Log).Select(static property => $"{property.Key}={property.Value}");
        Assert.Equal(properties, bed.Fake.Compilation.Split(';').Skip(2));
        bed.AssertClean();
    }

    [Theory]
    [InlineData(FakeRelease.V2023)]
    [InlineData(FakeRelease.V2026)]
    public void Compile_AsManyPropertiesAsItTakes_PassesThemAllAndRefusesMore(FakeRelease release)
    {
        OpenVinoTestBed bed = new(release);
        OpenVinoRuntime runtime = bed.Factory.Open();
        using (OvModelHandle model = OvCompiler.Read(runtime.Api, runtime.Core, OpenVinoTestModels.Small()))
        {
            List<(string Key, string Value)> properties =
                [.. Enumerable.Range(0, OvCompiler.MaxProperties).Select(static i => ("PERFORMANCE_HINT", i % 2 == 0 ? "LATENCY" : "THROUGHPUT"))];

            OvCompiler.Compile(runtime.Api, runtime.Core, model, "CPU", properties).Dispose();

            Assert.Equal(properties.Select(static property => $"{property.Key}={property.Value}"), bed.Fake.Compilation.Split(';').Skip(2));
            Assert.Throws<ArgumentOutOfRangeException>(
                () => OvCompiler.Compile(runtime.Api, runtime.Core, model, "CPU", [.. properties, properties[0]]));
        }

        bed.AssertClean();
    }

    [Fact]
    public void Load_CacheFolderCannotBeMade_WarnsAndGoesOnWithoutIt()
    {
        OpenVinoTestBed bed = new();
        string file = Path.Combine(OpenVinoTestBed.CreateFolder(), "file");
        File.WriteAllText(file, "");

        bed.Load(OpenVinoTestModels.Small(), new EngineOptions { CacheDirectory = Path.Combine(file, "cache") }).Dispose();

        Assert.DoesNotContain("CACHE_DIR", bed.Fake.Compilation, StringComparison.Ordinal);
        Assert.Contains(bed.Log.Lines, static line => line is { Level: LogLevel.Warning, Id: 5102 });
        bed.AssertClean();
    }

    [Fact]
    public void Load_DeviceRefusesTheCacheFolder_WarnsAndGoesOnWithoutIt()
    {
        OpenVinoTestBed bed = new(FakeRelease.V2023);
        bed.Fake.Devices = "CPU,GPU";

        bed.Load(OpenVinoTestModels.Small(), new EngineOptions { Device = "HETERO:GPU,CPU", CacheDirectory = OpenVinoTestBed.CreateFolder() }).Dispose();

        Assert.Equal("variadic;HETERO:GPU,CPU;PERFORMANCE_HINT=THROUGHPUT", bed.Fake.Compilation);
        Assert.Contains(bed.Log.Lines, static line => line is { Level: LogLevel.Warning, Id: 5102 });
        bed.AssertClean();
    }

    [Theory]
    [InlineData("CPU", true)]
    [InlineData("AUTO", true)]
    [InlineData("HETERO:GPU,CPU", true)]
    [InlineData("GPU", false)]
    [InlineData("NPU", false)]
    public void Load_Threads_GoToDevicesThatTakeThem(string device, bool takesThem)
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Devices = "CPU,GPU,NPU";

        bed.Load(OpenVinoTestModels.Small(), new EngineOptions { Device = device, Threads = 3 }).Dispose();

        Assert.Equal(takesThem, bed.Fake.Compilation.Contains("INFERENCE_NUM_THREADS=3", StringComparison.Ordinal));
        bed.AssertClean();
    }

    [Theory]
    [InlineData("CPU", PerformanceHint.Throughput, InferencePrecision.F16, "OpenVINO 2026.4.1, CPU, throughput, f16", 4)]
    [InlineData("CPU", PerformanceHint.Latency, InferencePrecision.Auto, "OpenVINO 2026.4.1, CPU, latency", 1)]
    [InlineData("AUTO", PerformanceHint.Throughput, InferencePrecision.Auto, "OpenVINO 2026.4.1, AUTO (CPU), throughput", 4)]
    [InlineData("HETERO:GPU,CPU", PerformanceHint.Throughput, InferencePrecision.F32, "OpenVINO 2026.4.1, HETERO:GPU,CPU (GPU CPU), throughput, f32", 4)]
    public void Load_Device_DescribesWhatRuns(string device, PerformanceHint performance, InferencePrecision precision, string description, int requests)
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Devices = "CPU,GPU";

        using (IInferenceEngine engine = bed.Load(
            OpenVinoTestModels.Small(), new EngineOptions { Device = device, Performance = performance, Precision = precision }))
        {
            Assert.Equal(description, engine.Description);
            Assert.Equal(requests, engine.OptimalRequests);
        }

        bed.AssertClean();
    }

    [Fact]
    public void Load_PropertiesCannotBeRead_DoesWithoutThem()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Fail("ov_compiled_model_get_property", nth: 0);

        using (IInferenceEngine engine = bed.Load(OpenVinoTestModels.Small()))
        {
            Assert.Equal("OpenVINO 2026.4.1, CPU, throughput", engine.Description);
            Assert.Equal(Environment.ProcessorCount, engine.OptimalRequests);
        }

        bed.AssertClean();
    }

    [Fact]
    public void Load_NegativeThreads_Refuses() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new OpenVinoTestBed().Load(OpenVinoTestModels.Small(), new EngineOptions { Threads = -1 }));

    [Theory]
    [InlineData("HETERO:FPGA,CPU", "Device with \"FPGA\" name is not registered")]
    [InlineData("MYRIAD", "Device with \"MYRIAD\" name is not registered")]
    [InlineData("GPU", "libOpenCL.so.1: cannot open shared object file")]
    public void Load_DeviceThatIsNotThere_SaysWhyInOneLine(string device, string reason)
    {
        OpenVinoTestBed bed = new();

        ModelException exception = Assert.Throws<ModelException>(
            () => bed.Load(OpenVinoTestModels.Small(), new EngineOptions { Device = device }));

        Assert.StartsWith("/models/test.onnx: OpenVINO: ov_core_compile_model_props failed (GeneralError): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.IsType<InferenceException>(exception.InnerException);
        bed.AssertClean();
    }

    [Fact]
    public void Load_OldIr_SaysWhichVersionsAreRead()
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Ir([OpenVinoTestModels.Image(1)], [OpenVinoTestModels.Scores(1)], version: 7);

        ModelException exception = Assert.Throws<ModelException>(() => bed.Load(model));

        Assert.StartsWith($"{model.Path}: OpenVINO: ov_core_read_model failed (GeneralError): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Unable to read the model: ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("(it reads ONNX, and IR from v10 on; this is IR v7)", exception.Message, StringComparison.Ordinal);
        bed.AssertClean();
    }

    [Fact]
    public void Load_FileThatIsNotThere_SaysSo()
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Ir([OpenVinoTestModels.Image(1)], [OpenVinoTestModels.Scores(1)]);
        File.Delete(model.Path);

        Assert.Contains("file_exists(path)' failed", Assert.Throws<ModelException>(() => bed.Load(model)).Message, StringComparison.Ordinal);
        bed.AssertClean();
    }

    [Fact]
    public void Load_DamagedOnnx_NamesTheFile()
    {
        OpenVinoTestBed bed = new();
        InferenceModel good = OpenVinoTestModels.Small();
        InferenceModel damaged = new()
        {
            Name = good.Name,
            Path = "/models/damaged.onnx",
            Format = good.Format,
            Onnx = good.Onnx[..^7],
            Inputs = good.Inputs,
            Outputs = good.Outputs,
        };

        ModelException exception = Assert.Throws<ModelException>(() => bed.Load(damaged));

        Assert.StartsWith("/models/damaged.onnx: OpenVINO: ov_core_read_model_from_memory_buffer failed (", exception.Message, StringComparison.Ordinal);
        bed.AssertClean();
    }

    [Fact]
    public void Load_TypeThatIsNotSupported_NamesThePortAndTheNumber()
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Ir([OpenVinoTestModels.Image(1)], [OpenVinoTestModels.Scores(1)], precision: "BF16");

        ModelException exception = Assert.Throws<ModelException>(() => bed.Load(model));

        Assert.Equal($"{model.Path}: OpenVINO: input image has elements of OpenVINO type 2, which is not supported.", exception.Message);
        bed.AssertClean();
    }

    [Fact]
    public void Load_OtherTypeThanTheModels_NamesThePortAndBoth()
    {
        OpenVinoTestBed bed = new();
        InferenceModel halves = OpenVinoTestModels.Ir([OpenVinoTestModels.Image(1)], [OpenVinoTestModels.Scores(1)], precision: "FP16");
        InferenceModel integers = OpenVinoTestModels.Ir([], [OpenVinoTestModels.Scores(1), new("boxes", TensorElementType.Int32, [1])]);
        InferenceModel floats = OpenVinoTestModels.With(integers, [], [OpenVinoTestModels.Scores(1), new("boxes", TensorElementType.Float32, [1])]);

        Assert.Equal($"{halves.Path}: OpenVINO: input image is Float16 in the compiled model, and Float32 in the model.", ReasonOf(halves));
        Assert.Equal($"{floats.Path}: OpenVINO: output boxes is Int32 in the compiled model, and Float32 in the model.", ReasonOf(floats));
        bed.AssertClean();

        string ReasonOf(InferenceModel model) => Assert.Throws<ModelException>(() => bed.Load(model)).Message;
    }

    /// <summary>What a user of IR v10 feeds and gets are the types of the versions before it.</summary>
    [Fact]
    public void Load_IrV10_HasTheTypesOfOlderVersions()
    {
        OpenVinoTestBed bed = new();
        InferenceModel declared = OpenVinoTestModels.Ir(
            [new("image", TensorElementType.Float16, [1]), new("size", TensorElementType.Int64, [1])],
            [new("scores", TensorElementType.Float16, [1]), new("labels", TensorElementType.Int64, [1]), new("found", TensorElementType.Boolean, [1])],
            version: 10);

        InferenceModel promised = OpenVinoTestModels.With(
            declared,
            [new("image", TensorElementType.Float32, [1]), new("size", TensorElementType.Int64, [1])],
            [new("scores", TensorElementType.Float32, [1]), new("labels", TensorElementType.Int32, [1]), new("found", TensorElementType.Float32, [1])]);

        bed.Load(promised).Dispose();

        Assert.Throws<ModelException>(() => bed.Load(declared));
        bed.AssertClean();
    }

    [Fact]
    public void Load_OtherNumberOfPorts_Refuses()
    {
        OpenVinoTestBed bed = new();
        InferenceModel model = OpenVinoTestModels.Small();

        Assert.EndsWith(
            "the compiled model has 1 inputs, the model has 2.",
            Assert.Throws<ModelException>(() => bed.Load(OpenVinoTestModels.With(model, [.. model.Inputs, .. model.Inputs], model.Outputs))).Message,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "the compiled model has 1 outputs, the model has 0.",
            Assert.Throws<ModelException>(() => bed.Load(OpenVinoTestModels.With(model, model.Inputs, []))).Message,
            StringComparison.Ordinal);
        bed.AssertClean();
    }

    [Fact]
    public void Load_ModelWithAnOutputStage_HasTheOutputsOfTheGraph()
    {
        OpenVinoTestBed bed = new();
        TensorInfo boxes = new("boxes", TensorElementType.Float32, [1, 16]);
        TensorInfo scores = new("scores", TensorElementType.Float32, [1, 8]);
        InferenceModel graph = OpenVinoTestModels.Onnx([OpenVinoTestModels.Image(1, 3, 2, 2)], [boxes, scores]);

        using (IInferenceEngine engine = bed.Load(WithStage([boxes, scores])))
            Assert.Equal([boxes.ToString(), scores.ToString()], engine.Outputs.Select(static output => output.ToString()));

        Assert.EndsWith(
            "the compiled model has 2 outputs, the model has 1.",
            Assert.Throws<ModelException>(() => bed.Load(WithStage([boxes]))).Message,
            StringComparison.Ordinal);
        bed.AssertClean();

        InferenceModel WithStage(IReadOnlyList<TensorInfo> engineOutputs) => new()
        {
            Name = graph.Name,
            Path = graph.Path,
            Format = graph.Format,
            Onnx = graph.Onnx,
            Inputs = graph.Inputs,
            Outputs = [new TensorInfo("detection_out", TensorElementType.Float32, [1, 1, 10, 7])],
            OutputStage = new NoStage(engineOutputs),
        };
    }

    [Theory]
    [InlineData("models/parts-classifier/parts-classifier.xml")]
    [InlineData("models/parts-detector/parts-detector.xml")]
    public async Task Load_RealIrFile_HasItsPorts(string file)
    {
        OpenVinoTestBed bed = new();
        bool isDetector = file.Contains("detector", StringComparison.Ordinal);
        InferenceModel model = new()
        {
            Name = "parts",
            Path = TestData.InRepository(file),
            Format = "IR v11",
            Onnx = default,
            Inputs = [new TensorInfo("image", TensorElementType.Float32, [])],
            Outputs = [new TensorInfo("out", TensorElementType.Float32, [])],
        };

        using (IInferenceEngine engine = bed.Load(model))
        using (IInferenceRequest request = engine.CreateRequest())
        {
            Assert.Equal(4, engine.Inputs[0].Shape.Count);
            Assert.True(engine.Inputs[0].IsStatic);
            if (isDetector)
                Assert.Equal("out Float32[1,1,100,7]", engine.Outputs[0].ToString());
            OpenVinoTestBed.Fill(request, seed: 1);
            await request.InferAsync(CancellationToken.None);
            OpenVinoTestBed.AssertOutputs(engine, request);
        }

        bed.AssertClean();
    }

    [Fact]
    public void Devices_SomeThere_TellsNamesAndPrecisions()
    {
        OpenVinoTestBed bed = new();
        bed.Fake.Devices = "CPU,GPU.0";

        IReadOnlyList<OpenVinoDevice> devices = bed.Factory.Open().Devices;

        Assert.Equal(["CPU", "GPU.0"], devices.Select(static device => device.Name));
        Assert.Equal("Fake CPU @ 2.00GHz", devices[0].FullName);
        Assert.Equal(["FP32", "INT8", "BIN", "EXPORT_IMPORT"], devices[0].Precisions);
        Assert.Contains("FP16", devices[1].Precisions);

        bed.Fake.Fail("ov_core_get_property", nth: 0);
        OpenVinoDevice nameless = bed.Factory.Open().Devices[1];
        Assert.Equal(("GPU.0", "GPU.0", 0), (nameless.Name, nameless.FullName, nameless.Precisions.Count));
        bed.AssertClean();
    }

    [Fact]
    public void WhyNot_Devices_GivesTheReasonOfOpenVino()
    {
        OpenVinoTestBed bed = new();
        OpenVinoRuntime runtime = bed.Factory.Open();

        Assert.Null(runtime.WhyNot("CPU"));
        Assert.Null(runtime.WhyNot("AUTO"));
        Assert.Contains("libOpenCL.so.1: cannot open shared object file", runtime.WhyNot("GPU"), StringComparison.Ordinal);
        Assert.Contains("Device with \"MYRIAD\" name is not registered", runtime.WhyNot("MYRIAD"), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', runtime.WhyNot("NPU")!);
        bed.Fake.Devices = "CPU,GPU";
        Assert.Null(runtime.WhyNot("GPU"));
        bed.AssertClean();
    }

    [Theory]
    [InlineData(FakeRelease.V2025)]
    [InlineData(FakeRelease.V2026)]
    public void AddExtension_Library_IsAddedOnce(FakeRelease release)
    {
        OpenVinoTestBed bed = new(release);
        string extension = Path.Combine(OpenVinoTestBed.CreateFolder(), "libmy_extension.so");
        File.Copy(bed.Fake.Path, extension);

        bed.Factory.AddExtension(extension);
        bed.Factory.AddExtension(extension);

        Assert.Equal(1, bed.Fake.Calls("ov_core_add_extension"));
        Assert.Single(bed.Log.Lines, line => line.Id == 5101 && line.Text.Contains(extension, StringComparison.Ordinal));
        bed.AssertClean();
    }

    [Fact]
    public void AddExtension_NotThereOrNoExtension_SaysWhy()
    {
        OpenVinoTestBed bed = new();
        string folder = OpenVinoTestBed.CreateFolder();
        string text = Path.Combine(folder, "libtext_extension.so");
        string library = Path.Combine(folder, "libother.so");
        File.WriteAllText(text, "no library");
        File.Copy(bed.Fake.Path, library);

        Assert.Equal("OpenVINO extension /nowhere/extension.so: no such file.", ReasonOf("/nowhere/extension.so"));
        Assert.StartsWith($"OpenVINO extension {text}: OpenVINO: ov_core_add_extension failed (GeneralError): ", ReasonOf(text), StringComparison.Ordinal);
        Assert.Contains("invalid ELF header", ReasonOf(text), StringComparison.Ordinal);
        Assert.Contains("Cannot find entry point", ReasonOf(library), StringComparison.Ordinal);
        bed.AssertClean();

        string ReasonOf(string path) => Assert.Throws<InferenceException>(() => bed.Factory.AddExtension(path)).Message;
    }

    [Theory]
    [InlineData(FakeRelease.V2023, "2023.2.0")]
    [InlineData(FakeRelease.V2024, "2024.6.0")]
    public void AddExtension_ReleaseWithoutExtensions_SaysSo(FakeRelease release, string version)
    {
        OpenVinoTestBed bed = new(release);

        Assert.Contains(
            $"OpenVINO {version} takes no extensions",
            Assert.Throws<InferenceException>(() => bed.Factory.AddExtension(bed.Fake.Path)).Message,
            StringComparison.Ordinal);
        bed.AssertClean();
    }

    private sealed class NoStage(IReadOnlyList<TensorInfo> engineOutputs) : IOutputStage
    {
        public IReadOnlyList<TensorInfo> EngineOutputs { get; } = engineOutputs;

        public Tensor[] CreateOutputs() => [];

        public void Run(IReadOnlyList<Tensor> engineOutputs, IReadOnlyList<Tensor> modelOutputs)
        {
        }
    }
}
