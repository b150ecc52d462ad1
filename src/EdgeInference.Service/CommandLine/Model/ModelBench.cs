using System.Diagnostics;
using EdgeInference.Inference;
using EdgeInference.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeInference.Service.CommandLine.Model;

/// <summary>Measures the variants of a model in turns, so that whatever else happens on the machine meets them all.</summary>
internal sealed class ModelBench(IReadOnlyList<BenchVariant> variants, int threads, int requests)
{
    private const int Turns = 4;

    // Shorter where the measurement is.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <param name="duration">How long each variant is measured.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<BenchResult>> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        BenchedModel[] models = [.. variants.Select(variant => new BenchedModel(variant, threads, requests))];
        try
        {
            TimeSpan turn = duration / Turns;
            foreach (BenchedModel model in models)
                await model.RunAsync(WarmUp < turn ? WarmUp : turn, cancellationToken);
            foreach (BenchedModel model in models)
                model.Reset();
            for (int i = 0; i < Turns; i++)
            {
                foreach (BenchedModel model in models)
                    await model.RunAsync(turn, cancellationToken);
            }

            return [.. models.Select(static model => model.Result())];
        }
        finally
        {
            foreach (BenchedModel model in models)
                model.Dispose();
        }
    }
}

/// <summary>A figure of <c>model bench</c>.</summary>
/// <param name="Threads">Threads of one inference.</param>
/// <param name="Requests">Inferences in flight.</param>
/// <param name="Kernels">"float" or "integer".</param>
/// <param name="Inferences">How many were measured.</param>
/// <param name="P50">Latency, ms: half of the inferences took no longer.</param>
/// <param name="P95">Latency of 95 %.</param>
/// <param name="P99">Latency of 99 %.</param>
/// <param name="PerSecond">Throughput.</param>
/// <param name="CpuMilliseconds">Processor time of the whole process for each inference.</param>
internal sealed record BenchResult(
    int Threads, int Requests, string Kernels, int Inferences, double P50, double P95, double P99, double PerSecond, double CpuMilliseconds);

/// <summary>A compiled model with its requests, and what was measured of it so far.</summary>
internal sealed class BenchedModel : IDisposable
{
    private static readonly OnnxRuntimeEngineFactory Engines = new(NullLogger<OnnxRuntimeEngineFactory>.Instance);

    private readonly string _kernels;
    private readonly int _threads;
    private readonly IInferenceEngine _engine;
    private readonly ModelRequest[] _requests;
    private readonly List<double>[] _latencies;
    private TimeSpan _elapsed;
    private TimeSpan _processor;

    public BenchedModel(BenchVariant variant, int threads, int requests)
    {
        _kernels = variant.Kernels;
        _threads = threads;
        _engine = Engines.Load(variant.Model, new EngineOptions { ThreadsPerRequest = threads });
        _requests = [.. Enumerable.Range(0, requests).Select(_ => new ModelRequest(variant.Model, _engine))];
        _latencies = [.. _requests.Select(static _ => new List<double>(capacity: 1 << 14))];
        foreach (ModelRequest request in _requests)
            Fill(request);
    }

    public async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(_requests.Select((request, i) => RepeatAsync(request, _latencies[i], started, duration, cancellationToken)));
        _elapsed += Stopwatch.GetElapsedTime(started);
        _processor += Environment.CpuUsage.TotalTime - processor;
    }

    /// <summary>Forgets what was measured.</summary>
    public void Reset()
    {
        foreach (List<double> latencies in _latencies)
            latencies.Clear();
        _elapsed = _processor = TimeSpan.Zero;
    }

    public BenchResult Result()
    {
        double[] sorted = [.. _latencies.SelectMany(static latencies => latencies).Order()];
        return new BenchResult(
            _threads,
            _requests.Length,
            _kernels,
            sorted.Length,
            Percentile(sorted, 50),
            Percentile(sorted, 95),
            Percentile(sorted, 99),
            sorted.Length / _elapsed.TotalSeconds,
            _processor.TotalMilliseconds / sorted.Length);
    }

    public void Dispose()
    {
        foreach (ModelRequest request in _requests)
            request.Dispose();
        _engine.Dispose();
    }

    /// <summary>The smallest value that so many percent of the values do not exceed.</summary>
    /// <param name="sorted">At least one value, in ascending order.</param>
    /// <param name="percent">Above 0, up to 100.</param>
    internal static double Percentile(double[] sorted, int percent) => sorted[(((sorted.Length * percent) + 99) / 100) - 1];

    private static async Task RepeatAsync(ModelRequest request, List<double> latencies, long started, TimeSpan duration, CancellationToken cancellationToken)
    {
        do
        {
            long begin = Stopwatch.GetTimestamp();
            await request.InferAsync(cancellationToken);
            request.Complete();
            latencies.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        while (Stopwatch.GetElapsedTime(started) < duration);
    }

    private static void Fill(ModelRequest request)
    {
        var random = new Random(1);
        foreach (Tensor input in request.Inputs)
        {
            if (input.ElementType == TensorElementType.Float32)
            {
                foreach (ref float value in input.Elements<float>())
                    value = random.Next(256);
            }
            else if (input.ElementType == TensorElementType.UInt8)
            {
                random.NextBytes(input.Bytes);
            }
        }
    }
}
