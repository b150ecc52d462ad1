using System.Diagnostics;
using System.Globalization;
using EdgeInference.Benchmarks.EndToEnd;
using EdgeInference.Inference;
using EdgeInference.Models.Caching;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Benchmarks.Load;

/// <summary><c>load</c>: how long a new process takes to load a model, without the cache of optimised models and with it.</summary>
internal static class LoadCommand
{
    public const string Name = "load";

    private const int Repetitions = 5;

    /// <param name="arguments">Model files, or none for all that are there; or, in the process that is measured, "once", a model and a cache.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["once", var measured, var cache])
            return Measure(measured, cache);

        await Machine.WriteAsync(Console.Out);
        Console.WriteLine($"Reading, translating and compiling a model in a new process; medians of {Repetitions} (least .. greatest).");
        Console.WriteLine("First: nothing is cached, and the cache is written. Resident: of the process with the model loaded, MB.\n");
        var table = new Table("model", "first, ms", "cached, ms", "first / cached", "resident first", "resident cached", "entry, MB");
        string[] models = arguments.Length > 0 ? arguments : Folders.FindModels();
        foreach (string model in models)
            await AddAsync(table, model);
        table.Write(Console.Out);
        return 0;
    }

    private static async Task AddAsync(Table table, string model)
    {
        List<Loading> first = [];
        List<Loading> cached = [];
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-inference-load-");
        try
        {
            for (int i = 0; i < Repetitions; i++)
            {
                foreach (FileInfo entry in folder.EnumerateFiles())
                    entry.Delete();
                if (await StartAsync(model, folder.FullName) is not { } loading)
                    return;
                first.Add(loading);
                cached.Add((await StartAsync(model, folder.FullName))!);
            }

            table.Add(
                Path.Combine(Path.GetFileName(Path.GetDirectoryName(model))!, Path.GetFileName(model)),
                Spread.Of(first, static l => l.Milliseconds).Format("0"),
                Spread.Of(cached, static l => l.Milliseconds).Format("0"),
                (Spread.Of(first, static l => l.Milliseconds).Median / Spread.Of(cached, static l => l.Milliseconds).Median).ToString("0.0", CultureInfo.InvariantCulture),
                Spread.Of(first, static l => l.Megabytes).Format("0"),
                Spread.Of(cached, static l => l.Megabytes).Format("0"),
                (folder.EnumerateFiles().Sum(static f => f.Length) / 1e6).ToString("0.0", CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>In the process that is measured.</summary>
    private static int Measure(string path, string cache)
    {
        long started = Stopwatch.GetTimestamp();
        var loader = new ModelLoader(
            new OnnxRuntimeEngineFactory(NullLogger<OnnxRuntimeEngineFactory>.Instance),
            new ModelCache(cache, long.MaxValue, TimeProvider.System, NullLogger<ModelCache>.Instance));
        try
        {
            using IInferenceEngine engine = loader.Read(path, new()).Compile(new EngineOptions());
            double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds} {Environment.WorkingSet / 1e6}"));
            return 0;
        }
        catch (ModelException exception)
        {
            Console.Error.WriteLine($"left out: {exception.Message}");
            return 1;
        }
    }

    /// <returns>Null when the model cannot be loaded.</returns>
    private static async Task<Loading?> StartAsync(string model, string cache)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [typeof(LoadCommand).Assembly.Location, Name, "once", model, cache])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        string[] words = (await process.StandardOutput.ReadToEndAsync()).Split(' ');
        await process.WaitForExitAsync();
        return words is [var milliseconds, var megabytes]
            ? new Loading(double.Parse(milliseconds, CultureInfo.InvariantCulture), double.Parse(megabytes, CultureInfo.InvariantCulture))
            : null;
    }

    private sealed record Loading(double Milliseconds, double Megabytes);
}
