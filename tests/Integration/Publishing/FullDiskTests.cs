using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeInference.Integration.Tests.BadInput;
using EdgeInference.TestSupport;

namespace EdgeInference.Integration.Tests.Publishing;

/// <summary>The disk of the outbox fills up, while the service runs and before it starts.</summary>
public sealed partial class FullDiskTests : IDisposable
{
    private const string Refused = "Outbox cannot publish: no space left on the disk of ";
    private const int MegaByte = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_DiskFillsUp_GoesOnByItselfAndDeliversAllThatWasCommitted()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 4);
        await disk.PutBallastAsync(2 * MegaByte);
        await using MosquittoBroker broker = MosquittoBroker.Create();
        string settings = await WriteAsync(disk, broker);

        // The first service fills the disk, and finds room again.
        await using RunningService first = RunningService.Start("run", "--config", settings);
        var reports = new ReportReader(first);
        await WaitAsync(first, () => first.Log.Contains(Refused, StringComparison.Ordinal));
        FrameCount full = await reports.CountAsync("disk full", () => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None));
        full.AssertKept();
        disk.RemoveBallast();
        await WaitAsync(first, () => first.Log.Contains("Outbox publishes again", StringComparison.Ordinal));

        // It is full once more when the service is stopped.
        await disk.FillAsync();
        await WaitAsync(first, () => first.Log.Split(Refused).Length == 3);
        first.Send(RunningService.Terminate);
        Assert.Equal(0, await first.WaitForExitAsync());
        (int committed, int lost) = OutcomeOf(first);
        Assert.True(committed > 10 && lost > 10, first.Log);

        // The second one starts on a disk without a single free block, and delivers what is there.
        await disk.FillAsync();
        await using RunningService second = RunningService.Start("run", "--config", settings);
        await WaitAsync(second, () => second.Log.Contains(Refused, StringComparison.Ordinal));
        await broker.StartAsync();
        await using MqttSubscriber subscriber = await MqttSubscriber.RunAsync(broker.SubscriberPort);
        string[] waiting = reports.Ids;
        await subscriber.WaitAsync(messages => IdsOf(messages).Count(waiting.Contains) == committed);
        Assert.All(second.LogLines, static line => Assert.DoesNotContain("Exception", line, StringComparison.Ordinal));
        disk.RemoveBallast();
        await subscriber.WaitAsync(messages => IdsOf(messages).Count(id => !waiting.Contains(id)) > 5);
        second.Send(RunningService.Terminate);
        Assert.Equal(0, await second.WaitForExitAsync());
        (int later, _) = OutcomeOf(second);
        await subscriber.WaitAsync(messages => IdsOf(messages).Length == committed + later);

        // One line for each change of state, and nothing torn.
        Assert.Equal(2, first.LogLines.Count(static line => line.Contains(Refused, StringComparison.Ordinal)));
        Assert.Single(second.LogLines, static line => line.Contains(Refused, StringComparison.Ordinal));
        string[] delivered = IdsOf(subscriber.Messages);
        Assert.Equal(waiting.Where(delivered.Contains), delivered.Where(waiting.Contains));
        Assert.All(subscriber.Messages.Where(static message => message.Payload.StartsWith('{')), static message => JsonDocument.Parse(message.Payload).Dispose());
        string[] pictures = Directory.GetFiles(_folder.File("pictures"), "*.jpg", SearchOption.AllDirectories);
        Assert.Equal(delivered.Order(StringComparer.Ordinal), pictures.Select(static picture => Path.GetFileNameWithoutExtension(picture)).Order(StringComparer.Ordinal));
        Assert.All(pictures, static picture =>
        {
            byte[] jpeg = File.ReadAllBytes(picture);
            Assert.True(jpeg is [0xFF, 0xD8, .., 0xFF, 0xD9], picture);
        });
    }

    [Fact]
    public async Task Run_NoRoomForAnOutbox_EndsWithOneClearLine()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 1);
        await disk.FillAsync();
        await using MosquittoBroker broker = MosquittoBroker.Create();

        ServiceRun run = await ServiceProcess.RunAsync("run", "--config", await WriteAsync(disk, broker));

        Problem.AssertOneLine(run, 1, "no space left on the disk of ", "outbox.db");
    }

    private Task<string> WriteAsync(SmallDisk disk, MosquittoBroker broker) => Settings.WriteAsync(_folder, new
    {
        Mqtt = new { Host = "127.0.0.1", broker.Port },
        Outbox = new { Directory = Path.Combine(disk.Path, "outbox") },
        Streams = new[]
        {
            Settings.LiveStream(interval: "50ms", publishers: new
            {
                StandardOutput = new { Enabled = true },
                Log = new { Enabled = false },
                LocalJpeg = new { Enabled = true, Directory = _folder.File("pictures"), FileName = "{id}.jpg" },
            }),
            Settings.ControlStream(),
        },
    });

    private static string[] IdsOf(IReadOnlyList<ReceivedMessage> messages) =>
        [.. messages.Where(static message => message.Payload.StartsWith('{')).Select(static message => message.Properties["id"]).Distinct()];

    private static (int Committed, int Lost) OutcomeOf(RunningService service)
    {
        Match outcome = Outcome().Match(service.Log);
        Assert.True(outcome.Success, service.Log);
        return (int.Parse(outcome.Groups["committed"].Value, CultureInfo.InvariantCulture), int.Parse(outcome.Groups["lost"].Value, CultureInfo.InvariantCulture));
    }

    private static async Task WaitAsync(RunningService service, Func<bool> isTrue)
    {
        using var hang = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isTrue())
        {
            Assert.False(hang.IsCancellationRequested || !RunningService.Exists(service.Id), service.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    [GeneratedRegex(@"stream1: Outbox: (?<committed>\d+) to .*, (?<lost>\d+) lost", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Outcome();
}
