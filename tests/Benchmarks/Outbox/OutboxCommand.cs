using System.Diagnostics;
using EdgeInference.Benchmarks.EndToEnd;

namespace EdgeInference.Benchmarks.Outbox;

/// <summary>
/// <c>outbox</c>: what the outbox and the delivery over MQTT take, how they behave with a million reports waiting, and at
/// the limit of the disk. Each part runs in a process of its own, so that the memory of one does not show in the next.
/// </summary>
internal static class OutboxCommand
{
    public const string Name = "outbox";

    private static readonly Dictionary<string, Func<OutboxArguments, Task>> Parts = new(StringComparer.Ordinal)
    {
        ["paced"] = static arguments => PacedRun.RunAsync(arguments, arguments.Rate, pictureBytes: 0),
        ["pictures"] = static arguments => PacedRun.RunAsync(arguments, arguments.PictureRate, pictureBytes: 50_000),
        ["maximum"] = MaximumRun.RunAsync,
        ["waiting"] = WaitingRun.RunAsync,
        ["limit"] = LimitRun.RunAsync,
    };

    /// <param name="arguments">Parts, or none for all; then options.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        string[] named = [.. arguments.TakeWhile(static argument => !argument.StartsWith('-'))];
        string[] options = arguments[named.Length..];
        if (OutboxArguments.Parse(options) is not { } parsed || named.Any(static part => !Parts.ContainsKey(part)))
        {
            await Console.Error.WriteLineAsync($"outbox [{string.Join(" | ", Parts.Keys)}] {OutboxArguments.Usage}");
            return 2;
        }

        if (named is [var part])
        {
            await Parts[part](parsed);
            return 0;
        }

        await Machine.WriteAsync(Console.Out);
        Console.WriteLine();
        foreach (string other in named.Length > 0 ? named : [.. Parts.Keys])
        {
            using Process process = Process.Start("dotnet", [typeof(OutboxCommand).Assembly.Location, Name, other, .. options]);
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                return process.ExitCode;
        }

        return 0;
    }
}
