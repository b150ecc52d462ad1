using EdgeInference.Publishing;
using EdgeInference.Service;
using EdgeInference.Service.Configuration;
using EdgeInference.Service.Streams;
using EdgeInference.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeInference.Integration.Tests.Endurance;

/// <summary>A stream of real parts in this process, which takes memory until the budget is crossed.</summary>
[Collection(Measuring.Name)]
[Trait("Category", Measuring.Name)]
public sealed class MemoryBudgetTests
{
    private const int Megabyte = 1_000_000;

    private readonly List<byte[]> _blocks = [];

    [Fact]
    public async Task RunAsync_BudgetIsCrossed_RecyclesTheEngineWithoutLosingAFrame()
    {
        var configuration = ServiceConfiguration.FromSettings(
            new Dictionary<string, string?>
            {
                ["EdgeInference:Streams:0:Model:Path"] = DemoFiles.Classifier,
                ["EdgeInference:Streams:0:Model:Engine"] = "OnnxRuntime",
                ["EdgeInference:Streams:0:Model:MemoryBudget"] = "100",
                ["EdgeInference:Streams:0:Source:Input"] = DemoFiles.Inspection,
                ["EdgeInference:Streams:0:Source:Loop"] = "true",
                ["EdgeInference:Streams:0:ReportingInterval"] = "24h",
            },
            new Dictionary<string, string>(),
            BuiltInPublishers.All);
        using IHost host = ServiceHost.Build(configuration, new ConfigurationBuilder().Build());
        await using StreamWorker worker = host.Services.GetRequiredService<StreamFactory>().Create(configuration.Streams[0], []);
        using var stop = new CancellationTokenSource();
        Task running = worker.RunAsync(stop.Token);

        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (worker.Statistics.EngineRebuilds == 0)
        {
            // Whenever the level is taken, the process grows by more than the budget after it.
            Grow(20 * Megabyte);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, hang.Token);
        }

        long before = worker.Statistics.Inferred;
        while (worker.Statistics.Inferred < before + 100)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, hang.Token);
        await stop.CancelAsync();
        await running;

        StreamStatistics statistics = worker.Statistics;
        Assert.Equal((0, 0, 0), (statistics.Failed, statistics.Dropped, statistics.AbandonedCalls));
        Assert.Equal(statistics.Captured, statistics.Inferred);
    }

    private void Grow(int bytes)
    {
        byte[] block = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        block.AsSpan().Fill(1);
        _blocks.Add(block);
    }
}
