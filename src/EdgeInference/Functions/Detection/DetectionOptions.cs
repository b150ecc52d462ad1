using System.ComponentModel.DataAnnotations;

namespace EdgeInference.Functions.Detection;

/// <summary>What counts as an object.</summary>
public sealed class DetectionOptions
{
    /// <summary>Objects are reported when their confidence is above this. Default 0.5, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public float Threshold { get; set; } = 0.5f;

    /// <summary>Names or numbers of the classes to report. Default none: all are reported.</summary>
    public string[] Classes { get; set; } = [];

    /// <summary>
    /// Of two boxes of one class whose intersection over union is above this, the weaker is dropped. Default 0.45, 0 to 1.
    /// Used only with models that give raw boxes and scores; others have done this inside.
    /// </summary>
    [Range(0.0, 1.0)]
    public float NmsThreshold { get; set; } = 0.45f;
}
