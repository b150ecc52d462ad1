using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Functions.Classification;

public sealed class ClassificationOptions
{
    /// <summary>How many of the best classes of each output are reported. Default 10, 1 to 1000; fewer where the model has fewer classes.</summary>
    [Range(1, 1000)]
    public int TopResults { get; set; } = 10;
}
