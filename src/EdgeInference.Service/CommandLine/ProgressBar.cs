using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using EdgeInference.Capture;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;
using EdgeInference.Streams;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace EdgeInference.Service.CommandLine;

/// <summary>
/// Shows on the terminal how far a file is, while its reports go elsewhere: only where standard error is a terminal and
/// standard output is not.
/// </summary>
internal sealed class ProgressBar(ServiceConfiguration configuration, StreamSupervisor supervisor, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    public static bool IsUseful => !Console.IsErrorRedirected && Console.IsOutputRedirected;

    /// <summary>Does work of a known number of steps, and shows them if wanted.</summary>
    /// <param name="show">Whether a bar is wanted.</param>
    /// <param name="description">What stands beside it.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="work">The work; it calls its argument after each step.</param>
    public static Task ShowAsync(bool show, string description, int steps, Func<Action, Task> work) => show
        ? OnTerminal().StartAsync(context =>
        {
            ProgressTask bar = context.AddTask(description, maxValue: steps);
            return work(() => bar.Increment(1));
        })
        : work(static () => { });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await CountFramesAsync(configuration.Options.Streams[0].Source.Input, stoppingToken) is not { } total)
            return;
        await OnTerminal().StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask("frames", maxValue: total);
            while (!stoppingToken.IsCancellationRequested)
            {
                if (supervisor.Streams is [{ Worker: { } worker }])
                {
                    StreamStatistics statistics = worker.Statistics;
                    bar.Value = statistics.Inferred;
                    bar.Description = string.Create(CultureInfo.InvariantCulture, $"{statistics.FramesPerSecond:0} frames/s");
                }

                await Task.Delay(Refresh, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    private static Progress OnTerminal() => AnsiConsole
        .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
        .Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());

    /// <summary>The packets of a file's video stream, one for each picture; null where ffprobe cannot tell.</summary>
    private static async Task<long?> CountFramesAsync(string input, CancellationToken cancellationToken)
    {
        if (!File.Exists(input))
            return null;
        if (ChildProgram.Find("ffprobe", ChildProgram.Folders) is not { } ffprobe)
            return null;
        ProcessStartInfo start = ChildProgram.CreateStart(
            ffprobe, ["-v", "quiet", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", $"file:{input}"]);
        try
        {
            using Process? probe = Process.Start(start);
            return long.TryParse(await probe!.StandardOutput.ReadToEndAsync(cancellationToken), CultureInfo.InvariantCulture, out long count) ? count : null;
        }
        catch (Win32Exception)
        {
            // It cannot be started: there is no bar then.
            return null;
        }
    }
}
