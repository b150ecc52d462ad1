using System.Globalization;

namespace EdgeInference.Functions.Detection;

/// <summary>An object found in a frame.</summary>
/// <param name="ClassId">The model's label number.</param>
/// <param name="Label">Name from the label map, or the number.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="XMin">Left edge as a fraction of the frame's width.</param>
/// <param name="YMin">Upper edge as a fraction of the frame's height.</param>
/// <param name="XMax">Right edge as a fraction of the frame's width.</param>
/// <param name="YMax">Lower edge as a fraction of the frame's height.</param>
public readonly record struct DetectedObject(
    int ClassId, string Label, float Confidence, float XMin, float YMin, float XMax, float YMax);

/// <summary>The objects of a frame, in the order of the model's rows.</summary>
public sealed class DetectionResult : InferenceResult
{
    public List<DetectedObject> Objects { get; } = [];

    public override bool IsEmpty => Objects.Count == 0;

    // Rounding makes a little more than 1 of some sums.
    public override bool HasProbabilities => Objects.All(static found => found.Confidence is >= 0 and <= 1.001f);

    /// <summary>The same number of objects of each class, wherever they are.</summary>
    public override bool SameContentAs(InferenceResult other) =>
        other is DetectionResult that
        && that.Objects.Count == Objects.Count
        && Objects.Select(static o => o.ClassId).Order().SequenceEqual(that.Objects.Select(static o => o.ClassId).Order());

    public override string Describe() => Objects.Count switch
    {
        0 => "nothing",
        1 => "1 object: " + List(),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Objects.Count} objects: ") + List(),
    };

    /// <summary>Each class with its best confidence, and how many there are.</summary>
    private string List() => string.Join(", ", Objects.GroupBy(static o => o.Label, StringComparer.Ordinal).Select(static group =>
    {
        // Without a label map, a class is a number among numbers.
        string name = group.Key.All(char.IsAsciiDigit) ? $"class {group.Key}" : group.Key;
        string best = string.Create(CultureInfo.InvariantCulture, $"{name} ({group.Max(static o => o.Confidence):0.00})");
        return group.Count() == 1 ? best : string.Create(CultureInfo.InvariantCulture, $"{group.Count()} x {best}");
    }));
}
