using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Service.Options;

/// <summary>The model and how it is run.</summary>
public sealed partial class ModelOptions
{
    /// <summary>The model file: OpenVINO IR (.xml, with its .bin beside it) or ONNX (.onnx).</summary>
    [Required(ErrorMessage = "names the model file (.xml or .onnx) and is required")]
    public string? Path { get; set; }

    /// <summary>The whole shape of the model's input, such as 1,3,300,300, for a file that leaves sizes of it open; a size that the file gives must be the same.</summary>
    public int[] InputShape { get; set; } = [];

    /// <summary>OpenVINO device string: CPU, GPU, AUTO, HETERO:GPU,CPU. ONNX Runtime runs on the CPU: a list that allows it (HETERO, MULTI or AUTO) gets one warning, another device is an error.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Device { get; set; } = "CPU";

    /// <summary>Inferences in flight at once; 0: as many as the machine has processors; more of them would interrupt, and so overtake, one another.</summary>
    [Range(0, 64)]
    public int Requests { get; set; }

    /// <summary>Threads that one inference uses. 1 gives the best throughput, more a shorter time for each frame.</summary>
    [Range(1, 256)]
    public int ThreadsPerRequest { get; set; } = 1;

    /// <summary>How long an inference may take. Later its engine counts as stuck: it is rebuilt, and the frames in it are lost. To be longer than the slowest inference, which with many devices is the first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Megabytes of resident memory by which the service may grow above what it had after the engine's first 100 inferences; beyond it the engine is rebuilt, without losing a frame, and measured anew. 0: no limit.</summary>
    [Range(0, 1 << 20)]
    public int MemoryBudget { get; set; }
}
