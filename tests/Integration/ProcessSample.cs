using System.Globalization;

namespace EdgeInference.Integration.Tests;

/// <summary>What a process holds at one moment, from /proc.</summary>
/// <param name="ResidentBytes">VmRSS.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct ProcessSample(long ResidentBytes, int Handles, int Threads)
{
    public static ProcessSample Of(int processId)
    {
        string[] status = File.ReadAllLines($"/proc/{processId}/status");
        return new ProcessSample(
            1024 * Number("VmRSS:"), Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length, (int)Number("Threads:"));

        long Number(string field) => long.Parse(
            status.First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture);
    }
}
