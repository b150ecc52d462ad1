using System.Numerics;

namespace EdgeInference.Models.Ssd;

/// <summary>The boxes of one class that suppression has kept so far, laid out to compare many at once with the next.</summary>
internal sealed class KeptBoxes
{
    private float[] _xMin = [];
    private float[] _yMin = [];
    private float[] _xMax = [];
    private float[] _yMax = [];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(in Box box)
    {
        if (_count == _xMin.Length)
            Grow();
        (_xMin[_count], _yMin[_count], _xMax[_count], _yMax[_count]) = (box.XMin, box.YMin, box.XMax, box.YMax);
        _count++;
    }

    /// <summary>Whether any kept box overlaps the given one by more than the threshold.</summary>
    public bool OverlapsAny(in Box box, float threshold)
    {
        var xMin = new Vector<float>(box.XMin);
        var yMin = new Vector<float>(box.YMin);
        var xMax = new Vector<float>(box.XMax);
        var yMax = new Vector<float>(box.YMax);
        Vector<float> area = (xMax - xMin) * (yMax - yMin);
        for (int i = 0; i < _count; i += Vector<float>.Count)
        {
            Vector<float> left = new(_xMin, i);
            Vector<float> top = new(_yMin, i);
            Vector<float> right = new(_xMax, i);
            Vector<float> bottom = new(_yMax, i);
            Vector<float> width = Vector.Max(Vector.Min(xMax, right) - Vector.Max(xMin, left), Vector<float>.Zero);
            Vector<float> height = Vector.Max(Vector.Min(yMax, bottom) - Vector.Max(yMin, top), Vector<float>.Zero);
            Vector<float> intersection = width * height;
            Vector<float> union = area + ((right - left) * (bottom - top)) - intersection;
            Vector<int> over = Vector.GreaterThan(intersection / union, new Vector<float>(threshold));
            if (over != Vector<int>.Zero && AnyOf(over, _count - i))
                return true;
        }

        return false;
    }

    /// <summary>The last vector may reach beyond the kept boxes.</summary>
    private static bool AnyOf(Vector<int> mask, int count)
    {
        for (int lane = 0; lane < Math.Min(count, Vector<int>.Count); lane++)
        {
            if (mask[lane] != 0)
                return true;
        }

        return false;
    }

    private void Grow()
    {
        int size = Math.Max(_count * 2, 16 * Vector<float>.Count);
        Array.Resize(ref _xMin, size);
        Array.Resize(ref _yMin, size);
        Array.Resize(ref _xMax, size);
        Array.Resize(ref _yMax, size);
    }
}
