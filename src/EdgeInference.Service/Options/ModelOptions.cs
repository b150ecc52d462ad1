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
}
