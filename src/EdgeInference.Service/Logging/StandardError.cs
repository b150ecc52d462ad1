namespace EdgeInference.Service.Logging;

/// <summary>Lines for people, where there is no log yet.</summary>
internal static class StandardError
{
    public static Task WriteErrorAsync(string message) => WriteAsync("<3>", message);

    public static Task WriteWarningAsync(string message) => WriteAsync("<4>", message);

    // The journal takes the priority from there (sd-daemon(3)), and does not show it.
    private static Task WriteAsync(string priority, string message) =>
        Console.Error.WriteLineAsync($"{(Journal.IsStandardError ? priority : "")}edge-inference: {message}");
}
