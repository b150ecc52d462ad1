using System.Globalization;

namespace EdgeInference.Service.Logging;

/// <summary>The journal of systemd, where standard error leads there.</summary>
internal static class Journal
{
    public const string SocketPath = "/run/systemd/journal/socket";

    /// <summary>Whether standard error of this process is the journal's, so that it may as well be written to directly.</summary>
    public static bool IsStandardError { get; } = IsJournal(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), FindTarget("/proc/self/fd/2"));

    /// <summary>
    /// Whether a file is what $JOURNAL_STREAM names by device and inode (systemd.exec(5)); it does not where the stream was
    /// redirected since. Sockets are all on one device, so that their inode tells.
    /// </summary>
    /// <param name="journalStream">The variable, "8:4711".</param>
    /// <param name="target">What the file descriptor leads to, "socket:[4711]".</param>
    public static bool IsJournal(string? journalStream, string? target)
    {
        string[] parts = journalStream?.Split(':') ?? [];
        return parts.Length == 2 && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            && target == string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
    }

    private static string? FindTarget(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
