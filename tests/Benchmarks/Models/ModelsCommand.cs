using System.CommandLine;
using System.Globalization;
using EdgeInference.Benchmarks.EndToEnd;
using EdgeInference.Inference;
using EdgeInference.Models;
using EdgeInference.Models.Passes;

namespace EdgeInference.Benchmarks.Models;

/// <summary><c>models</c>: what the engine takes for our translation of a model, beside its plain, unoptimised translation.</summary>
internal static class ModelsCommand
{
    public const string Name = "models";

    private static readonly Argument<string[]> Paths = new("model") { Description = "model files; without any, all that are there", Arity = ArgumentArity.ZeroOrMore };

    private static readonly Option<double> Seconds = new("--seconds") { Description = "length of one measurement", DefaultValueFactory = static _ => 1 };

    private static readonly Option<int> Repetitions = new("--repetitions") { Description = "how often everything is measured", DefaultValueFactory = static _ => 5 };

    public static Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand("Measures the engine on our translation of each model and on a plain one.") { Paths, Seconds, Repetitions };
        command.SetAction(static parsed => RunAsync(
            parsed.GetValue(Paths) is { Length: > 0 } given ? given : Folders.FindModels(),
            TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            parsed.GetValue(Repetitions)));
        return command.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> RunAsync(string[] models, TimeSpan duration, int repetitions)
    {
        await Machine.WriteAsync(Console.Out);
        Console.WriteLine($"ONNX Runtime on each form of a model in turn; medians of {repetitions} (least .. greatest). Plain: layer by layer, no passes, in float.");
        Console.WriteLine($"Throughput: {Environment.ProcessorCount} requests of one thread; latency: one request of {Environment.ProcessorCount} threads. Others: of the machine, by other processes.\n");
        foreach ((string aim, int threads, int requests) in new[] { ("throughput", 1, Environment.ProcessorCount), ("latency", Environment.ProcessorCount, 1) })
        {
            var load = new EngineLoad(threads, requests);
            var table = new Table(aim, "form", "inferences/s", "CPU ms", "time / plain", "CPU / plain", "others %");
            foreach (string model in models)
                await AddAsync(table, model, load, duration, repetitions);
            table.Write(Console.Out);
        }

        return 0;
    }

    private static async Task AddAsync(Table table, string path, EngineLoad load, TimeSpan duration, int repetitions)
    {
        (string Name, BareEngine Engine)[] forms = [.. FormsOf(path).Select(static form => (form.Name, BareEngine.WithNoise(form.Model)))];
        List<Sample>[] samples = [.. forms.Select(static _ => new List<Sample>())];
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            for (int form = 0; form < forms.Length; form++)
                samples[form].Add(await forms[form].Engine.MeasureAsync(load, duration));
        }

        for (int form = 0; form < forms.Length; form++)
        {
            (Sample Ours, Sample Plain)[] pairs = [.. samples[form].Zip(samples[0])];
            table.Add(
                form == 0 ? $"{Path.GetFileNameWithoutExtension(path)} {Path.GetFileName(Path.GetDirectoryName(path))}" : "",
                forms[form].Name,
                Spread.Of(samples[form], static s => s.FramesPerSecond).Format("0.0"),
                Spread.Of(samples[form], static s => s.CpuPerFrame).Format("0.00"),
                form == 0 ? "" : Spread.Of(pairs, static p => p.Plain.FramesPerSecond / p.Ours.FramesPerSecond).Format("0.00"),
                form == 0 ? "" : Spread.Of(pairs, static p => p.Ours.CpuPerFrame / p.Plain.CpuPerFrame).Format("0.00"),
                (100 * Spread.Of(samples[form], static s => s.Others).Median).ToString("0", CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<(string Name, InferenceModel Model)> FormsOf(string path)
    {
        InferenceModel ours = ModelFile.Read(path, new ModelFileOptions { IntegerKernels = IntegerKernels.Never });
        InferenceModel integer = ModelFile.Read(path, new ModelFileOptions { IntegerKernels = IntegerKernels.Always });
        yield return ("plain", ModelFile.Read(path, new ModelFileOptions { IntegerKernels = IntegerKernels.Never, Target = OnnxTarget.Plain }));
        yield return ("ours", ours);
        if (!integer.Onnx.Span.SequenceEqual(ours.Onnx.Span))
            yield return ("integer", integer);
    }
}
