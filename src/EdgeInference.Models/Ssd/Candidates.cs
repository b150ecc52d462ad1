using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeInference.Models.Ssd;

/// <summary>The candidates of one image: the keys of their scores and priors (<see cref="ScoreKey"/>) with their classes, as they are found.</summary>
internal sealed class Candidates
{
    private ulong[] _keys = [];
    private int[] _labels = [];
    private ulong[] _grouped = [];
    private int[] _ends = [];

    /// <summary>One number for each class, repeated over a vector more: -1, but 0 for the background.</summary>
    private int[] _foreground = [];
    private int _background;

    public int Count { get; private set; }

    public Span<ulong> Keys => _keys.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(float score, int prior, int label)
    {
        Reserve(1);
        (_keys[Count], _labels[Count]) = (ScoreKey.Of(score, prior), label);
        Count++;
    }

    /// <summary>Adds every score above a threshold, of all classes but one.</summary>
    /// <param name="scores">[priors, classes].</param>
    /// <param name="classes">Classes.</param>
    /// <param name="background">The class that is left out, if it is one of them.</param>
    /// <param name="threshold">The threshold.</param>
    public void AddAbove(ReadOnlySpan<float> scores, int classes, int background, float threshold)
    {
        Prepare(classes, background);
        ref float first = ref MemoryMarshal.GetReference(scores);
        ref int foreground = ref MemoryMarshal.GetArrayDataReference(_foreground);
        int step = Vector256<float>.Count % classes;
        int label = 0;
        (int prior, int priorEnd) = (0, classes);
        int at = 0;
        for (; at <= scores.Length - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            Vector256<float> above = Vector256.GreaterThan(Vector256.LoadUnsafe(ref first, (nuint)at), Vector256.Create(threshold));
            uint found = (above.AsInt32() & Vector256.LoadUnsafe(ref foreground, (nuint)label)).ExtractMostSignificantBits();
            label += step;
            if (label >= classes)
                label -= classes;
            if (found == 0)
                continue;
            Reserve(Vector256<float>.Count);
            (ulong[] keys, int[] labels, int count) = (_keys, _labels, Count);
            for (; found != 0; found &= found - 1)
            {
                int index = at + BitOperations.TrailingZeroCount(found);
                for (; index >= priorEnd; priorEnd += classes)
                    prior++;
                keys[count] = ScoreKey.Of(scores[index], prior);
                labels[count++] = index - priorEnd + classes;
            }

            Count = count;
        }

        for (; at < scores.Length; at++)
        {
            if (scores[at] > threshold && at % classes != background)
                Add(scores[at], at / classes, at % classes);
        }
    }

    /// <summary>Leaves the best, of all classes together.</summary>
    public void KeepBest(int count)
    {
        Array.Sort(_keys, _labels, 0, Count);
        Count = Math.Min(Count, count);
    }

    /// <summary>Counting sort: the keys of a class together, in the order in which they were found.</summary>
    /// <param name="classes">Classes.</param>
    /// <param name="ends">Where each class ends.</param>
    public Span<ulong> Group(int classes, out ReadOnlySpan<int> ends)
    {
        if (_ends.Length != classes)
            _ends = new int[classes];
        if (_grouped.Length < Count)
            _grouped = new ulong[_keys.Length];
        Array.Clear(_ends);
        foreach (int label in _labels.AsSpan(0, Count))
            _ends[label]++;
        int start = 0;
        foreach (ref int end in _ends.AsSpan())
            (end, start) = (start, start + end);
        for (int i = 0; i < Count; i++)
            _grouped[_ends[_labels[i]]++] = _keys[i];
        ends = _ends;
        return _grouped.AsSpan(0, Count);
    }

    private void Prepare(int classes, int background)
    {
        if (_foreground.Length == classes + Vector256<int>.Count && _background == background)
            return;
        _background = background;
        _foreground = new int[classes + Vector256<int>.Count];
        for (int i = 0; i < _foreground.Length; i++)
            _foreground[i] = i % classes == background ? 0 : -1;
    }

    private void Reserve(int count)
    {
        if (_keys.Length - Count >= count)
            return;
        int size = Math.Max(_keys.Length * 2, 1024);
        Array.Resize(ref _keys, size);
        Array.Resize(ref _labels, size);
    }
}
