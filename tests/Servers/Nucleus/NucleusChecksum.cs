namespace EdgeInference.TestServers;

/// <summary>CRC-32 as zlib computes it, a bit at a time: slow, and short enough to be checked by eye.</summary>
internal static class NucleusChecksum
{
    private const uint Polynomial = 0xEDB88320;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint remainder = uint.MaxValue;
        foreach (byte value in bytes)
        {
            remainder ^= value;
            for (int bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ Polynomial;
        }

        return ~remainder;
    }
}
