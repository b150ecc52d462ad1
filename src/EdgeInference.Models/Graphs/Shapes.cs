using System.Globalization;

namespace EdgeInference.Models.Graphs;

/// <summary>Arithmetic on shapes; -1 stands for a size that is known only at run time.</summary>
internal static class Shapes
{
    public const long Unknown = -1;

    private const int MostDescribed = 32;
    private const int LongestList = 1 << 20;

    /// <summary>More dimensions than any real tensor has.</summary>
    public const int HighestRank = 16;

    public static bool IsStatic(IReadOnlyList<long> shape) => shape.All(static d => d >= 0);

    public static void RequireRank(long rank)
    {
        if (rank > HighestRank)
            throw new LayerException($"a tensor of {rank} dimensions is more than the {HighestRank} supported");
    }

    /// <summary>Number of elements of a static shape.</summary>
    /// <exception cref="OverflowException">More than 2^63 elements.</exception>
    public static long Count(IReadOnlyList<long> shape) => shape.Aggregate(1L, static (product, d) => checked(product * d));

    /// <summary>The length of a list of numbers that is about to be made.</summary>
    /// <exception cref="LayerException">No real model has such a list.</exception>
    public static int Length(long count) =>
        count is >= 0 and <= LongestList ? (int)count : throw new LayerException($"a list of {count} numbers is not possible, or longer than {LongestList}");

    /// <summary>Whether two shapes can be the same: equal ranks, and equal sizes where both are known.</summary>
    public static bool Agree(IReadOnlyList<long> first, IReadOnlyList<long> second) =>
        first.Count == second.Count && first.Zip(second).All(static p => p.First == p.Second || p.First < 0 || p.Second < 0);

    /// <summary>A size in blocks or groups of so many; an unknown size stays unknown.</summary>
    public static long Divide(long size, long block)
    {
        if (block < 1)
            throw new LayerException($"blocks or groups of {block} are not possible");
        if (size < 0)
            return Unknown;
        return size % block == 0 ? size / block : throw new LayerException($"a size of {size} cannot be divided by {block}");
    }

    /// <summary>A size that grows by a factor; an unknown size stays unknown.</summary>
    public static long Multiply(long size, long factor) => size < 0 ? Unknown : checked(size * factor);

    /// <summary>The result of NumPy's broadcasting.</summary>
    public static long[] Broadcast(IReadOnlyList<long> first, IReadOnlyList<long> second)
    {
        var result = new long[Math.Max(first.Count, second.Count)];
        for (int i = 1; i <= result.Length; i++)
        {
            long a = i <= first.Count ? first[^i] : 1;
            long b = i <= second.Count ? second[^i] : 1;
            if (a != b && a is not (1 or Unknown) && b is not (1 or Unknown))
                throw new LayerException($"shapes {Describe(first)} and {Describe(second)} cannot be broadcast");
            result[^i] = a == 1 ? b : b == 1 ? a : Math.Max(a, b);
        }

        return result;
    }

    /// <summary>The shape of one number for each channel that broadcasts to [N, C, spatial…] of a rank.</summary>
    public static long[] OfChannels(int channels, int rank) => [channels, .. Enumerable.Repeat(1L, rank - 2)];

    /// <summary>An axis counted from the front, given one that may count from the back.</summary>
    public static int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank
            ? (int)(axis < 0 ? axis + rank : axis)
            : throw new LayerException($"axis {axis} is outside a tensor with {rank} dimensions");

    /// <summary>All axes of a tensor from one on.</summary>
    public static long[] AxesFrom(int first, int rank) =>
        [.. Enumerable.Range(first, Math.Max(rank - first, 0)).Select(static axis => (long)axis)];

    /// <summary>For people: [1,?,224,224], cut off where it is longer than any real shape.</summary>
    public static string Describe(IEnumerable<long> shape)
    {
        string[] sizes = [.. shape.Take(MostDescribed + 1).Select(static d => d < 0 ? "?" : d.ToString(CultureInfo.InvariantCulture))];
        return $"[{string.Join(',', sizes.Take(MostDescribed))}{(sizes.Length > MostDescribed ? ",..." : "")}]";
    }
}
