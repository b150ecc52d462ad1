namespace EdgeInference.Models.Ssd;

/// <summary>Working memory of one run; it grows to what the model needs and then stays.</summary>
internal sealed class DetectionScratch
{
    private int[] _classEnds = [];

    /// <summary>The keys of the candidates (<see cref="ScoreKey"/>) as they are found, with their classes.</summary>
    public List<ulong> Found { get; } = [];

    public List<int> FoundClasses { get; } = [];

    /// <summary>The same keys by class.</summary>
    public List<ulong> Grouped { get; } = [];

    /// <summary>Where each class ends in <see cref="Grouped"/>.</summary>
    public Span<int> ClassEnds => _classEnds;

    /// <summary>The boxes of the class at hand that suppression left.</summary>
    public KeptBoxes ClassBoxes { get; } = new();

    /// <summary>What suppression left, by class and score downwards.</summary>
    public List<Detection> Kept { get; } = [];

    public void Clear(int classes)
    {
        if (_classEnds.Length != classes)
            _classEnds = new int[classes];
        Found.Clear();
        FoundClasses.Clear();
        Kept.Clear();
    }

    public void Add(ulong key, int label)
    {
        Found.Add(key);
        FoundClasses.Add(label);
    }
}

/// <summary>A box of a class with the key of its score and prior.</summary>
internal readonly record struct Detection(ulong Key, int Label, Box Box);
