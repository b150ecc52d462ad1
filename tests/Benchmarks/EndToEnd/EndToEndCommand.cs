using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EdgeInference.Inference;

namespace EdgeInference.Benchmarks.EndToEnd;

/// <summary><c>endtoend</c>: measures the whole service against the bound that its processors set.</summary>
internal static class EndToEndCommand
{
    public const string Name = "endtoend";

    private static readonly Option<string> Model = new("--model") { Description = "model file; needs --video" };
    private static readonly Option<string> Video = new("--video") { Description = "video file; needs --model" };

    private static readonly Option<string> Engine = new Option<string>("--engine")
    {
        Description = "onnxruntime, or openvino where it is installed",
        DefaultValueFactory = static _ => "onnxruntime",
    }.AcceptOnlyFromAmong("onnxruntime", "openvino");

    private static readonly Option<string> Device = new("--device") { Description = "OpenVINO's device", DefaultValueFactory = static _ => "CPU" };

    private static readonly Option<InferencePrecision> Precision = new("--precision") { Description = "for OpenVINO: Auto, F32, Bf16 or F16" };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "length of one measurement of the service; the others follow it",
        DefaultValueFactory = static _ => 3,
    };

    private static readonly Option<int> Repetitions = new("--repetitions")
    {
        Description = "how often everything is measured",
        DefaultValueFactory = static _ => 3,
    };

    public static Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand("Measures the whole service against the bound that its processors set.") { Engine, Device, Precision, Model, Video, Seconds, Repetitions };
        command.SetAction(static async parsed =>
        {
            try
            {
                return await RunAsync(
                    parsed.GetValue(Engine) == "openvino" ? BenchedEngine.OpenVino(parsed.GetValue(Device)!, parsed.GetValue(Precision)) : BenchedEngine.OnnxRuntime,
                    parsed.GetValue(Model) is { } model && parsed.GetValue(Video) is { } video ? [Workload.Of(model, video)] : Workload.FindAll(),
                    TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
                    parsed.GetValue(Repetitions));
            }
            catch (InferenceException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return 1;
            }
        });
        return command.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> RunAsync(BenchedEngine engine, IReadOnlyList<Workload> workloads, TimeSpan duration, int repetitions)
    {
        long started = Stopwatch.GetTimestamp();
        await Machine.WriteAsync(Console.Out);
        Console.WriteLine($"Each figure: the median of {repetitions} interleaved repetitions (least .. greatest). CPU ms/frame: user and system.");
        Console.WriteLine("Others: what processes not of this benchmark took of the machine; above a few percent, throughput means little.\n");
        foreach (Workload workload in workloads)
            await new WorkloadBenchmark(engine, workload, duration, repetitions).RunAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Took {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes."));
        return 0;
    }
}
