using System.ComponentModel.DataAnnotations;
using EdgeInference.Inference;
using EdgeInference.Service.Engines;

namespace EdgeInference.Service.Options;

/// <summary>The model and how it is run.</summary>
public sealed partial class ModelOptions
{
    /// <summary>The model file: OpenVINO IR (.xml, with its .bin beside it) or ONNX (.onnx).</summary>
    [Required(ErrorMessage = "is required: the model file (.xml or .onnx)")]
    public string? Path { get; set; }

    /// <summary>The whole shape of the model's input, such as 1,3,300,300, for a file that leaves sizes of it open; a size that the file gives must be the same.</summary>
    public int[] InputShape { get; set; } = [];

    /// <summary>Which engine runs the model. Auto: OpenVINO where it is installed and has the device, else ONNX Runtime; the log says which and why.</summary>
    public EngineKind Engine { get; set; }

    /// <summary>OpenVINO device string: CPU, GPU, NPU, AUTO, HETERO:GPU,CPU. A device of a list that is not there is left out with one warning; a single one is an error. ONNX Runtime has only the CPU.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Device { get; set; } = "CPU";

    /// <summary>Throughput: the most frames a second, several in flight. Latency: the shortest time for each frame, one at a time.</summary>
    public PerformanceHint PerformanceHint { get; set; }

    /// <summary>In which numbers OpenVINO computes. Auto: F32 where nothing but the CPU can run the model (CPU, MULTI:CPU, AUTO on a machine without other devices), so that every machine gives the same results; else as the devices like best, which on a GPU is F16. Bf16 is faster on CPUs that have it. ONNX Runtime computes as the model file says.</summary>
    public InferencePrecision InferencePrecision { get; set; }

    /// <summary>Inferences in flight at once; 0: as many as suit the device and PerformanceHint (OpenVINO says itself; ONNX Runtime: one a processor, or one for Latency).</summary>
    [Range(0, 64)]
    public int Requests { get; set; }

    /// <summary>ONNX Runtime: threads that one inference uses; 0: one, or for Latency all processors.</summary>
    [Range(0, 256)]
    public int ThreadsPerRequest { get; set; }

    /// <summary>OpenVINO on the CPU: threads of all inferences of the stream together; 0: its own choice.</summary>
    [Range(0, 256)]
    public int InferenceThreads { get; set; }

    /// <summary>A library of layers of your own for OpenVINO's CPU device (ov_core_add_extension). With OpenVINO one that cannot be loaded is an error, but named by PARAM_CPU_EXTENSION_PATH it is ignored with a warning; ONNX Runtime takes none, which is a warning.</summary>
    public string? CpuExtension { get; set; }

    /// <summary>How long compiling the model may take, at the start and when its engine is rebuilt: nothing is given up later, but systemd's watchdog is not fed any more, so that it restarts the service. A model that is to take the place of another is refused when it takes longer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CompileTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an inference may take. Later its engine counts as stuck: it is rebuilt, and the frames in it are lost. Must be longer than the slowest inference, which with many devices is the first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Megabytes of resident memory by which the service may grow above what it had after the engine's first 100 inferences; beyond it the engine is rebuilt, without losing a frame, and measured again. 0: no limit. A stream with a budget has an engine of its own: others share theirs with streams of the same model and engine options, where rebuilding one would free nothing.</summary>
    [Range(0, 1 << 20)]
    public int MemoryBudget { get; set; }

    /// <summary>Whether the model's files and the label map are watched: new ones take the place of the old ones while the stream goes on, once they have been tried on its next frames; a stream that cannot start because of them starts when they change.</summary>
    public bool Watch { get; set; } = true;

    /// <summary>How many times the time of an inference of the old model one of a new model may take; slower ones are refused. 0: no limit.</summary>
    [Range(0.0, 1000.0)]
    public double SwapTimeFactor { get; set; } = 3;
}
