namespace EdgeInference.Models.Ssd;

/// <summary>
/// Score and prior in one number whose ascending order is that of the engines: higher scores first, among equal ones the
/// lower prior.
/// </summary>
internal static class ScoreKey
{
    public static ulong Of(float score, int prior)
    {
        // Adding zero turns -0 into 0; flipping the bits orders floats as unsigned numbers, downwards.
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        uint descending = (bits & 0x8000_0000) != 0 ? bits : ~bits & 0x7FFF_FFFF;
        return ((ulong)descending << 32) | (uint)prior;
    }

    public static int Prior(ulong key) => (int)(uint)key;

    public static float Score(ulong key)
    {
        uint descending = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((descending & 0x8000_0000) != 0 ? descending : ~descending & 0x7FFF_FFFF);
    }

    /// <summary>Moves the keys below a limit to the front.</summary>
    public static Span<ulong> Below(Span<ulong> keys, ulong limit)
    {
        int count = 0;
        foreach (ulong key in keys)
        {
            keys[count] = key;
            count += key < limit ? 1 : 0;
        }

        return keys[..count];
    }

    /// <summary>Moves the <paramref name="count"/> smallest keys to the front and sorts them.</summary>
    public static Span<ulong> SortBest(Span<ulong> keys, int count)
    {
        if (count <= 0)
            return [];
        if (count < keys.Length)
            Select(keys, count);
        Span<ulong> best = keys[..Math.Min(count, keys.Length)];
        best.Sort();
        return best;
    }

    /// <summary>Hoare's quickselect around the middle of three.</summary>
    private static void Select(Span<ulong> keys, int count)
    {
        int low = 0;
        int high = keys.Length - 1;
        while (low < high)
        {
            ulong pivot = Median(keys[low], keys[low + ((high - low) / 2)], keys[high]);
            int i = low;
            int j = high;
            while (i <= j)
            {
                while (keys[i] < pivot)
                    i++;
                while (keys[j] > pivot)
                    j--;
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (count - 1 <= j)
                high = j;
            else if (count - 1 >= i)
                low = i;
            else
                return;
        }
    }

    private static ulong Median(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
