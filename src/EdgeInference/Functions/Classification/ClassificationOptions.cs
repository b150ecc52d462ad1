using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Functions.Classification;

/// <summary>How much of a classifier's output is reported.</summary>
public sealed class ClassificationOptions
{
    /// <summary>How many of the best classes of each output are reported. Default 10, 1 to 1000; fewer where the model has fewer classes.</summary>
    [Range(1, 1000)]
    public int TopResults { get; set; } = 10;
}
