using System.Globalization;

namespace EdgeInference.Native.OpenVino;

/// <summary>Reads /proc/self/maps: what lies where in this process's memory.</summary>
internal static class MemoryMap
{
    private const int PathColumn = 5;

    /// <summary>The file that is mapped at an address; null where none is, or where that cannot be read.</summary>
    public static string? FileAt(nint address) => FileAt(address, "/proc/self/maps");

    internal static string? FileAt(nint address, string maps)
    {
        try
        {
            return Find(address, maps);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The path is only shown: the library serves without it.
            return null;
        }
    }

    private static string? Find(nint address, string maps)
    {
        foreach (string line in File.ReadLines(maps))
        {
            // 7f1c2a000000-7f1c2a021000 r-xp 00000000 08:01 1234   /usr/lib/libm.so.6
            string[] columns = line.Split(' ', PathColumn + 1, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string[] range = columns[0].Split('-');
            if (Parse(range[0]) <= address && address < Parse(range[1]))
                return columns.Length > PathColumn && File.Exists(columns[PathColumn]) ? columns[PathColumn] : null;
        }

        return null;
    }

    private static nint Parse(string address) => nint.Parse(address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
