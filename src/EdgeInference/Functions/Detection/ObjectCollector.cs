using System.Globalization;

namespace EdgeInference.Functions.Detection;

/// <summary>Decides which boxes are objects of the result: threshold, class filter, boxes clipped to the frame.</summary>
internal sealed class ObjectCollector
{
    private readonly ClassNames _names;
    private readonly HashSet<string> _wanted;

    public ObjectCollector(DetectionOptions options, LabelMap labels)
    {
        _names = labels.For(output: null);
        Threshold = options.Threshold;
        _wanted = new HashSet<string>(options.Classes, StringComparer.Ordinal);
        string[] unknown = [.. _wanted.Where(wanted => !IsNumber(wanted) && !_names.Contains(wanted))];
        if (unknown.Length > 0)
            throw new LabelMapException($"Classes has '{string.Join("', '", unknown)}', which {(labels.Path is null ? "needs a label map" : $"label map '{labels.Path}' does not name")}.");
    }

    /// <summary>Confidence must be above it.</summary>
    public float Threshold { get; }

    /// <summary>Adds the object if it is to be reported: one partly outside the frame is clipped, one without area or with NaN is dropped.</summary>
    public void Add(List<DetectedObject> objects, int classId, float confidence, in Box box)
    {
        if (!(confidence > Threshold))
            return;
        Box clipped = box.Clipped();
        if (!clipped.HasArea)
            return;
        string label = _names[classId];
        if (IsWanted(classId, label))
            objects.Add(new DetectedObject(classId, label, confidence, clipped.XMin, clipped.YMin, clipped.XMax, clipped.YMax));
    }

    private bool IsWanted(int classId, string label)
    {
        if (_wanted.Count == 0 || _wanted.Contains(label))
            return true;
        Span<char> number = stackalloc char[11];
        classId.TryFormat(number, out int length, provider: CultureInfo.InvariantCulture);
        return _wanted.GetAlternateLookup<ReadOnlySpan<char>>().Contains(number[..length]);
    }

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
