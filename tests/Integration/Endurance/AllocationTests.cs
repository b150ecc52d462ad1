using EdgeInference.Publishing;
using EdgeInference.Service;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;
using EdgeInference.Streams;
using EdgeInference.TestSupport.OpenVino;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>The hot path allocates nothing: a stream of real parts in this process, without reports.</summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
[Trait("Category", "Soak")]
public sealed class AllocationTests(ITestOutputHelper console)
{
    // Less than the smallest object, which is 24 bytes. What there is comes from the test host: about 1 KB a second.
    private const double BytesPerFrame = 16;

    private const long WarmUpFrames = 1000;

    private const int Spans = 5;

    [Theory]
    [InlineData("detection", "OnnxRuntime")]
    [InlineData("classification", "OnnxRuntime")]
    [InlineData("detection", "OpenVino")]
    public async Task RunAsync_SteadyState_AllocatesNothingForAFrame(string function, string engine)
    {
        bool isDetection = function == "detection";
        ServiceConfiguration configuration = Configure(
            engine,
            isDetection ? DemoFiles.Detector : DemoFiles.Classifier,
            isDetection ? DemoFiles.DetectorLabels : DemoFiles.ClassifierLabels,
            isDetection ? DemoFiles.Conveyor : DemoFiles.Inspection);
        using IHost host = ServiceHost.Build(configuration, new ConfigurationBuilder().Build());
        await using StreamWorker worker = host.Services.GetRequiredService<StreamFactory>().Create(configuration.Streams[0], []);
        using var stop = new CancellationTokenSource();
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        Task running = worker.RunAsync(stop.Token);

        WaitForFrames(worker, WarmUpFrames, running, hang.Token);
        var spans = new List<(long Allocated, long Frames)>();
        for (int i = 0; i < Spans; i++)
            spans.Add(Measure(worker, SoakFrames.Count(2000) / Spans, running, hang.Token));
        await stop.CancelAsync();
        await running;

        // The pool of frames grows whenever more are in use at once than ever before, which a busy machine may bring about late.
        (long allocated, long frames) = spans.OrderBy(static span => (double)span.Allocated / span.Frames).ElementAt(Spans / 2);
        string figures = $"{function} on {engine}: {spans.Sum(static span => span.Allocated)} bytes allocated over {spans.Sum(static span => span.Frames)} frames, in the median of {Spans} spans {(double)allocated / frames:0.000} a frame";
        console.WriteLine(figures);
        Console.WriteLine(figures);
        Assert.True(allocated < BytesPerFrame * frames, figures);
    }

    private static (long Allocated, long Frames) Measure(StreamWorker worker, long frames, Task running, CancellationToken hang)
    {
        long framesBefore = worker.Statistics.Inferred;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        long ownAllocations = WaitForFrames(worker, framesBefore + frames, running, hang);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before - ownAllocations;
        return (allocated, worker.Statistics.Inferred - framesBefore);
    }

    /// <summary>Looks at the count now and then, without awaiting, so that what looking allocates is known.</summary>
    /// <returns>The bytes that this thread allocated.</returns>
    private static long WaitForFrames(StreamWorker worker, long frames, Task running, CancellationToken hang)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (worker.Statistics.Inferred < frames && !running.IsCompleted)
            Assert.False(hang.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)), "The stream hangs.");
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>OpenVINO being the fake of its library.</summary>
    private static ServiceConfiguration Configure(string engine, string model, string labels, string video) => ServiceConfiguration.FromSettings(
        new Dictionary<string, string?>
        {
            ["EdgeInference:OpenVino:Library"] = FakeOpenVinoCompiler.Compile(FakeRelease.V2026),
            ["EdgeInference:Streams:0:Model:Engine"] = engine,
            ["EdgeInference:Streams:0:Model:Path"] = model,
            ["EdgeInference:Streams:0:LabelMap"] = labels,
            ["EdgeInference:Streams:0:Source:Input"] = video,
            ["EdgeInference:Streams:0:Source:Loop"] = "true",
            ["EdgeInference:Streams:0:ReportingInterval"] = "24h",
        },
        new Dictionary<string, string>(),
        BuiltInPublishers.All);
}
