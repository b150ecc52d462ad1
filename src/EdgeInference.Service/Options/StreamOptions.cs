using System.ComponentModel.DataAnnotations;
using EdgeInference.Capture;
using EdgeInference.Functions;
using EdgeInference.Functions.Classification;
using EdgeInference.Functions.Detection;
using EdgeInference.Preprocessing;
using EdgeInference.Publishing;
using EdgeInference.Reporting;

namespace EdgeInference.Service.Options;

/// <summary>A stream: one source, one model, one function, and its publishers.</summary>
public sealed class StreamOptions : ReportingOptions
{
    /// <summary>Name of the stream in logs, topics and file names: letters, digits, '-' and '_', unique. Default: stream1, stream2, and so on.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "must be 1 to 64 letters, digits, '-' or '_'")]
    public string? Name { get; set; }

    /// <summary>Where the frames come from.</summary>
    public SourceOptions Source { get; set; } = new();

    /// <summary>What infers them.</summary>
    public ModelOptions Model { get; set; } = new();

    /// <summary>How a frame becomes the model's input.</summary>
    public PreprocessingOptions Preprocessing { get; set; } = new();

    /// <summary>What the model's output means. Auto: detection for a model with detection outputs, else classification.</summary>
    public FunctionKind Function { get; set; } = FunctionKind.Auto;

    /// <summary>JSON file that names the classes: {"0": "name", ...}; for a classifier with several outputs one such object for each. Without it classes are shown by number.</summary>
    public string? LabelMap { get; set; }

    /// <summary>Options of the function classification.</summary>
    public ClassificationOptions Classification { get; set; } = new();

    /// <summary>Options of the function detection.</summary>
    public DetectionOptions Detection { get; set; } = new();

    /// <summary>Where the reports go, by the name of the publisher.</summary>
    public IReadOnlyDictionary<string, PublisherOptions> Publishers { get; set; } = new Dictionary<string, PublisherOptions>(StringComparer.OrdinalIgnoreCase);
}
