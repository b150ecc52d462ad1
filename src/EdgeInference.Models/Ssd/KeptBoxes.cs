using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeInference.Models.Ssd;

/// <summary>The boxes of one class that suppression has kept so far, laid out to compare many at once with the next.</summary>
internal sealed class KeptBoxes
{
    /// <summary>Less than 1 by more than a product and a quotient are rounded.</summary>
    private const float Margin = 1 - 1e-5f;

    private float[] _xMin = [];
    private float[] _yMin = [];
    private float[] _xMax = [];
    private float[] _yMax = [];
    private float[] _area = [];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(in Box box)
    {
        if (_count == _xMin.Length)
            Grow();
        (_xMin[_count], _yMin[_count], _xMax[_count], _yMax[_count]) = (box.XMin, box.YMin, box.XMax, box.YMax);
        _area[_count] = box.Area;
        _count++;
    }

    /// <summary>Whether any kept box overlaps the given one by more than the threshold.</summary>
    public bool OverlapsAny(in Box box, float threshold)
    {
        ref float xMin = ref MemoryMarshal.GetArrayDataReference(_xMin);
        ref float yMin = ref MemoryMarshal.GetArrayDataReference(_yMin);
        ref float xMax = ref MemoryMarshal.GetArrayDataReference(_xMax);
        ref float yMax = ref MemoryMarshal.GetArrayDataReference(_yMax);
        ref float area = ref MemoryMarshal.GetArrayDataReference(_area);
        Vector256<float> left = Vector256.Create(box.XMin);
        Vector256<float> top = Vector256.Create(box.YMin);
        Vector256<float> right = Vector256.Create(box.XMax);
        Vector256<float> bottom = Vector256.Create(box.YMax);
        Vector256<float> boxArea = Vector256.Create(box.Area);
        Vector256<float> nearly = Vector256.Create(threshold * Margin);
        for (int i = 0; i < _count; i += Vector256<float>.Count)
        {
            nuint at = (nuint)i;
            Vector256<float> width = Vector256.Min(right, Vector256.LoadUnsafe(ref xMax, at)) - Vector256.Max(left, Vector256.LoadUnsafe(ref xMin, at));
            Vector256<float> height = Vector256.Min(bottom, Vector256.LoadUnsafe(ref yMax, at)) - Vector256.Max(top, Vector256.LoadUnsafe(ref yMin, at));
            Vector256<float> intersection = Vector256.Max(width, Vector256<float>.Zero) * Vector256.Max(height, Vector256<float>.Zero);
            Vector256<float> union = boxArea + Vector256.LoadUnsafe(ref area, at) - intersection;

            // Dividing is slow and rarely needed, but what the engines do: the product only says when it may matter.
            if (!Vector256.GreaterThanAny(intersection, nearly * union))
                continue;
            uint over = Vector256.GreaterThan(intersection / union, Vector256.Create(threshold)).ExtractMostSignificantBits();
            if (over != 0 && BitOperations.TrailingZeroCount(over) < _count - i)
                return true;
        }

        return false;
    }

    private void Grow()
    {
        int size = Math.Max(_count * 2, 16 * Vector256<float>.Count);
        Array.Resize(ref _xMin, size);
        Array.Resize(ref _yMin, size);
        Array.Resize(ref _xMax, size);
        Array.Resize(ref _yMax, size);
        Array.Resize(ref _area, size);
    }
}
