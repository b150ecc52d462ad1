namespace EdgeInference.Reporting;

/// <summary>
/// Ids of reports: UUIDs of version 7 that sort by their time to a quarter of a microsecond, since it goes on in the twelve
/// bits behind the milliseconds (RFC 9562, section 6.2, method 3). The rest is random.
/// </summary>
internal static class ReportId
{
    private const int FractionBits = 12;

    /// <param name="time">The report's own time, from 1970.</param>
    public static Guid Create(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(time).TryWriteBytes(bytes, bigEndian: true, out _);
        long fraction = (time.UtcTicks % TimeSpan.TicksPerMillisecond << FractionBits) / TimeSpan.TicksPerMillisecond;
        bytes[6] = (byte)(0x70 | (int)(fraction >> 8));
        bytes[7] = (byte)fraction;
        return new Guid(bytes, bigEndian: true);
    }
}
