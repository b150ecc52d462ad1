namespace EdgeInference.Models.Ssd;

/// <summary>Working memory of one run; it grows to what the model needs and then stays.</summary>
internal sealed class DetectionScratch
{
    public Candidates Candidates { get; } = new();

    public SharedBoxes SharedBoxes { get; } = new();

    /// <summary>The boxes of the class at hand that suppression left.</summary>
    public KeptBoxes ClassBoxes { get; } = new();

    /// <summary>What suppression left, by class and score downwards.</summary>
    public List<Detection> Kept { get; } = [];

    /// <summary>The best keys of <see cref="Kept"/>.</summary>
    public BestKeys Best { get; } = new();
}

/// <summary>A box of a class with the key of its score and prior.</summary>
internal readonly record struct Detection(ulong Key, int Label, Box Box);
