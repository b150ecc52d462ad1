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

    private static readonly Dictionary<string, Func<OutboxArguments, Task<bool>>> Parts = new(StringComparer.Ordinal)
    {
        ["paced"] = static arguments => PacedRun.RunAsync(arguments, arguments.Rate, pictureBytes: 0),
        ["pictures"] = static arguments => PacedRun.RunAsync(arguments, arguments.PictureRate, pictureBytes: 50_000),
        ["maximum"] = static arguments => MeasureAsync(MaximumRun.RunAsync(arguments)),
        ["waiting"] = static arguments => MeasureAsync(WaitingRun.RunAsync(arguments)),
        ["limit"] = static arguments => MeasureAsync(LimitRun.RunAsync(arguments)),
    };

    /// <param name="arguments">Parts, or none for all; then options.</param>
    /// <returns>1 where a rate was not sustained.</returns>
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
            return await Parts[part](parsed) ? 0 : 1;

        await Machine.WriteAsync(Console.Out);
        Console.WriteLine();
        int exitCode = 0;
        foreach (string other in named.Length > 0 ? named : [.. Parts.Keys])
        {
            using Process process = Process.Start("dotnet", [typeof(OutboxCommand).Assembly.Location, Name, other, .. options]);
            await process.WaitForExitAsync();
            exitCode = Math.Max(exitCode, process.ExitCode);
        }

        return exitCode;
    }

    /// <summary>What has no target.</summary>
    private static async Task<bool> MeasureAsync(Task run)
    {
        await run;
        return true;
    }
}
