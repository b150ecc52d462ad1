using System.CommandLine;
using System.Globalization;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Service.Streams;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary><c>model bench</c>: how fast a model runs on this machine, without video around it.</summary>
internal static class ModelBenchCommand
{
    private static readonly Option<int[]> ThreadsFlag = Counts("--threads", "threads of one inference, such as 1,2", [1]);

    private static readonly Option<int[]> RequestsFlag = Counts("--requests", "inferences in flight, such as 1,2", [1, Environment.ProcessorCount]);

    private static readonly Option<double> SecondsFlag = new("--seconds") { Description = "length of each measurement", DefaultValueFactory = static _ => 5 };

    public static Command Create()
    {
        var command = new Command("bench", "Measures how fast a model runs here: every number of threads with every number of requests.")
        {
            ModelCommand.ModelArgument,
            ThreadsFlag,
            RequestsFlag,
            SecondsFlag,
            ModelCommand.ShapeFlag,
            ModelCommand.FormatFlag,
        };
        SecondsFlag.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.01 and <= 3600))
                result.AddError("--seconds takes 0.01 to 3600.");
        });
        command.SetAction((parsed, cancellationToken) => ModelCommand.InvokeAsync(() => RunAsync(
            parsed.GetValue(ModelCommand.ModelArgument)!,
            ModelCommand.ReadOptions(parsed) with { FloatInterface = true }, // As a stream reads it.
            [.. from threads in parsed.GetValue(ThreadsFlag)!.Distinct() from requests in parsed.GetValue(RequestsFlag)!.Distinct() select (threads, requests)],
            TimeSpan.FromSeconds(parsed.GetValue(SecondsFlag)),
            ModelCommand.IsJson(parsed),
            cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(
        string path, ModelFileOptions options, (int Threads, int Requests)[] loads, TimeSpan duration, bool json, CancellationToken cancellationToken)
    {
        IReadOnlyList<BenchVariant> variants = BenchVariant.Read(path, options);
        List<BenchResult> results = [];
        await ProgressBar.ShowAsync(!Console.IsErrorRedirected, "measuring", loads.Length, async step =>
        {
            foreach ((int threads, int requests) in loads)
            {
                results.AddRange(await new ModelBench(variants, threads, requests).RunAsync(duration, cancellationToken));
                step();
            }
        });
        if (json)
            ModelCommand.WriteJson(results);
        else
            Write(variants[0].Model, results);
        return ExitCode.Done;
    }

    private static void Write(InferenceModel model, List<BenchResult> results)
    {
        Console.WriteLine($"{model.Name}: {model.Format}; random input, the model's own output stage included\n");
        bool severalKernels = results.Exists(result => result.Kernels != results[0].Kernels);
        string[] kernels = severalKernels ? ["kernels"] : [];
        var table = new TextTable().Add(["threads", "requests", .. kernels, "p50, ms", "p95, ms", "p99, ms", "inferences/s", "CPU ms/inference"]);
        foreach (BenchResult result in results)
        {
            string[] kernel = severalKernels ? [result.Kernels] : [];
            table.Add([
                result.Threads.ToString(CultureInfo.InvariantCulture), result.Requests.ToString(CultureInfo.InvariantCulture), .. kernel,
                Format(result.P50), Format(result.P95), Format(result.P99), result.PerSecond.ToString("0.0", CultureInfo.InvariantCulture), Format(result.CpuMilliseconds)]);
        }

        table.Write(Console.Out);
    }

    private static string Format(double milliseconds) => milliseconds.ToString("0.00", CultureInfo.InvariantCulture);

    private static Option<int[]> Counts(string name, string description, int[] defaults) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaults,
        CustomParser = result =>
        {
            int[] counts = [.. result.Tokens.SelectMany(static token => token.Value.Split(',')).Select(static text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= 256 ? count : 0)];
            if (counts.Contains(0))
                result.AddError($"{name} takes numbers from 1 to 256 with commas between them.");
            return counts;
        },
    };
}
