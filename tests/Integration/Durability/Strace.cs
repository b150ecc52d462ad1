using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeInference.Integration.Tests.Durability;

/// <summary>Has the kernel's tracer kill the service at a call that concerns one file.</summary>
internal sealed class Strace(string output, string file, Aim aim)
{
    // Which of the two SQLite was built to use differs.
    private string Calls => aim == Aim.DuringFlush ? "fsync,fdatasync" : "pwrite64";

    /// <summary>What to start the service under: it is killed as its thread makes the n-th such call, which is then not done.</summary>
    public string[] CommandLine(int call) =>
    [
        "strace", "-f", "-qq", "-o", output, "-P", file,

        // The children are let go: they would only be slower.
        "-b", "execve",
        "-e", "trace=" + Calls,
        "-e", string.Create(CultureInfo.InvariantCulture, $"inject={Calls}:signal=SIGKILL:when={call}"),
    ];

    /// <summary>Whether it says that such a call has begun and not come back, and that this was a kill.</summary>
    public bool HasKilled()
    {
        if (!File.Exists(output))
            return false;
        string text = File.ReadAllText(output);
        return text.Contains("+++ killed by SIGKILL +++", StringComparison.Ordinal)
            && Regex.IsMatch(
                text, $@"^\d+ +(<\.\.\. )?({Calls.Replace(',', '|')})\b.* = \?", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
    }
}
